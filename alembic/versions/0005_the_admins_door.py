"""the admin's door

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = '0005'
down_revision: str | None = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Who is nothing but a member is no staff; she was kept as such where it had been taken back.
    op.execute("DELETE FROM staff WHERE role = 'member'")
    op.create_table('audit',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Text(collation='C'), nullable=False),
    sa.Column('token', sa.BigInteger(), nullable=True),
    sa.Column('action', sa.Text(collation='C'), nullable=False),
    sa.Column('target', sa.Text(collation='C'), nullable=False),
    sa.Column('group_id', sa.Text(collation='C'), nullable=True),
    sa.Column('person_id', sa.Text(collation='C'), nullable=True),
    sa.Column('note', sa.Text(collation='C'), server_default='', nullable=False),
    sa.Column('before', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    op.create_index('ix_audit_at', 'audit', ['at', 'id'], unique=False)
    op.create_index('ix_audit_group_id', 'audit', ['group_id', 'id'], unique=False, postgresql_where=sa.text('group_id IS NOT NULL'))
    op.create_index('ix_audit_person', 'audit', ['person_id'], unique=False, postgresql_where=sa.text('person_id IS NOT NULL'))
    op.create_index('ix_audit_target', 'audit', ['target', 'id'], unique=False)
    op.create_table('day_total',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('channel', sa.Text(collation='C'), nullable=False),
    sa.Column('groups', sa.Integer(), nullable=False),
    sa.Column('heard', sa.Double(), nullable=False),
    sa.Column('joined', sa.Integer(), nullable=False),
    sa.Column('gone', sa.Integer(), nullable=False),
    sa.Column('messages', sa.Integer(), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.Column('said', sa.Integer(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('day', 'channel', name=op.f('pk_day_total'))
    )
    op.create_table('once',
    sa.Column('token', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.Text(collation='C'), nullable=False),
    sa.Column('request', sa.Text(collation='C'), nullable=False),
    sa.Column('answer', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('token', 'key', name=op.f('pk_once'))
    )
    op.create_index(op.f('ix_once_at'), 'once', ['at'], unique=False)
    op.create_table('session',
    sa.Column('digest', sa.Text(collation='C'), nullable=False),
    sa.Column('token', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_session'))
    )
    op.create_index(op.f('ix_session_token'), 'session', ['token'], unique=False)
    op.create_index('ix_activity_hour', 'activity', ['hour'], unique=False, postgresql_using='brin', postgresql_with={'autosummarize': 'on'})
    op.add_column('api_token', sa.Column('scopes', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False))
    op.add_column('api_token', sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('api_token', sa.Column('used_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_balance_person', 'balance', ['person_id', 'group_id'], unique=False)
    op.create_index('ix_balance_points', 'balance', ['points', 'group_id', 'person_id'], unique=False)
    op.add_column('dead_letter', sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f('ix_dead_letter_seen_at'), 'dead_letter', ['seen_at'], unique=False)
    op.drop_index(op.f('ix_entry_code_channel'), table_name='entry_code')
    op.create_index('ix_entry_code_channel', 'entry_code', ['channel', 'code'], unique=False)
    op.create_index('ix_entry_code_made', 'entry_code', ['created_at', 'code'], unique=False, postgresql_where=sa.text('member IS NULL'))
    op.create_index('ix_entry_code_of_member', 'entry_code', ['created_at', 'code'], unique=False, postgresql_where=sa.text('member IS NOT NULL'))
    op.create_index('ix_join_log_day', 'join_log', ['seen_at'], unique=False, postgresql_using='brin', postgresql_with={'autosummarize': 'on'})
    op.create_index('ix_koc_term_since', 'koc_term', ['since', 'group_id', 'person_id'], unique=False)
    op.create_index('ix_ledger_newest', 'ledger', ['at', 'id'], unique=False)
    op.create_index('ix_ledger_newest_of_kind', 'ledger', ['kind', 'at', 'id'], unique=False)
    op.create_index('ix_ledger_newest_of_person', 'ledger', ['person_id', 'at', 'id'], unique=False)
    op.add_column('notice', sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_notice_open', 'notice', ['found_at', 'group_id', 'concern'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_index('ix_outbox_due_at', 'outbox', ['due_at', 'id'], unique=False)
    op.create_index('ix_outbox_open', 'outbox', ['due_at', 'id'], unique=False, postgresql_where=sa.text("state IN ('held', 'paused', 'waiting')"))
    op.create_index('ix_outbox_promised_at', 'outbox', ['promised_at'], unique=False)
    op.create_index('ix_outbox_unsaid', 'outbox', ['settled_at'], unique=False, postgresql_where=sa.text("state IN ('parked', 'unsure')"))
    op.create_index('ix_outbox_wants', 'outbox', ['id'], unique=False, postgresql_where=sa.text("state IN ('parked', 'unsure')"))
    op.create_index('ix_past_stay_day', 'past_stay', ['gone_at'], unique=False, postgresql_using='brin', postgresql_with={'autosummarize': 'on'})
    op.create_index('ix_post_day', 'post', ['day', 'group_id', 'slot'], unique=False)
    op.create_index('ix_post_state', 'post', ['state', 'day', 'group_id', 'slot'], unique=False)
    op.create_index('ix_post_unapproved', 'post', ['day', 'group_id'], unique=False, postgresql_include=['closes_at', 'item'], postgresql_where=sa.text("state = 'planned' AND approved_by IS NULL"))
    op.create_index('ix_question_asked_at', 'question', ['asked_at', 'group_id', 'id'], unique=False)
    op.create_index('ix_question_asker', 'question', ['asker', 'asked_at'], unique=False)
    op.create_index('ix_question_of_group', 'question', ['group_id', 'asked_at', 'id'], unique=False)
    op.create_index('ix_question_open', 'question', ['asked_at', 'group_id', 'id'], unique=False, postgresql_where=sa.text('closed_at IS NULL AND answered_at IS NULL'))
    op.drop_index(op.f('ix_redemption_person'), table_name='redemption')
    op.create_index('ix_redemption_person', 'redemption', ['person_id', 'group_id'], unique=False)
    op.create_index('ix_redemption_code', 'redemption', ['code'], unique=False)
    op.create_index('ix_redemption_newest', 'redemption', ['at', 'group_id'], unique=False)
    op.create_index('ix_redemption_reward', 'redemption', ['reward', 'at'], unique=False)
    op.create_index('ix_redemption_soonest', 'redemption', ['lapses_at', 'group_id'], unique=False)
    op.create_index('ix_referral_joined_at', 'referral', ['joined_at', 'group_id', 'person_id'], unique=False)
    op.drop_index(op.f('ix_short_link_day'), table_name='short_link')
    op.create_index('ix_short_link_made_at', 'short_link', ['made_at', 'slug'], unique=False)
    op.create_index('ix_task_closes_at', 'task', ['closes_at', 'group_id', 'number'], unique=False)
    op.create_index('ix_task_opened_at', 'task', ['opened_at', 'group_id', 'number'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_task_opened_at', table_name='task')
    op.drop_index('ix_task_closes_at', table_name='task')
    op.drop_index('ix_short_link_made_at', table_name='short_link')
    op.create_index(op.f('ix_short_link_day'), 'short_link', ['day'], unique=False)
    op.drop_index('ix_referral_joined_at', table_name='referral')
    op.drop_index('ix_redemption_soonest', table_name='redemption')
    op.drop_index('ix_redemption_reward', table_name='redemption')
    op.drop_index('ix_redemption_newest', table_name='redemption')
    op.drop_index('ix_redemption_code', table_name='redemption')
    op.drop_index('ix_redemption_person', table_name='redemption')
    op.create_index(op.f('ix_redemption_person'), 'redemption', ['group_id', 'person_id'], unique=False)
    op.drop_index('ix_question_open', table_name='question', postgresql_where=sa.text('closed_at IS NULL AND answered_at IS NULL'))
    op.drop_index('ix_question_of_group', table_name='question')
    op.drop_index('ix_question_asker', table_name='question')
    op.drop_index('ix_question_asked_at', table_name='question')
    op.drop_index('ix_post_unapproved', table_name='post', postgresql_include=['closes_at', 'item'], postgresql_where=sa.text("state = 'planned' AND approved_by IS NULL"))
    op.drop_index('ix_post_state', table_name='post')
    op.drop_index('ix_post_day', table_name='post')
    op.drop_index('ix_past_stay_day', table_name='past_stay', postgresql_using='brin', postgresql_with={'autosummarize': 'on'})
    op.drop_index('ix_outbox_wants', table_name='outbox', postgresql_where=sa.text("state IN ('parked', 'unsure')"))
    op.drop_index('ix_outbox_unsaid', table_name='outbox', postgresql_where=sa.text("state IN ('parked', 'unsure')"))
    op.drop_index('ix_outbox_promised_at', table_name='outbox')
    op.drop_index('ix_outbox_open', table_name='outbox', postgresql_where=sa.text("state IN ('held', 'paused', 'waiting')"))
    op.drop_index('ix_outbox_due_at', table_name='outbox')
    op.drop_index('ix_notice_open', table_name='notice', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_column('notice', 'settled_at')
    op.drop_index('ix_ledger_newest_of_person', table_name='ledger')
    op.drop_index('ix_ledger_newest_of_kind', table_name='ledger')
    op.drop_index('ix_ledger_newest', table_name='ledger')
    op.drop_index('ix_koc_term_since', table_name='koc_term')
    op.drop_index('ix_join_log_day', table_name='join_log', postgresql_using='brin', postgresql_with={'autosummarize': 'on'})
    op.drop_index('ix_entry_code_of_member', table_name='entry_code', postgresql_where=sa.text('member IS NOT NULL'))
    op.drop_index('ix_entry_code_made', table_name='entry_code', postgresql_where=sa.text('member IS NULL'))
    op.drop_index('ix_entry_code_channel', table_name='entry_code')
    op.create_index(op.f('ix_entry_code_channel'), 'entry_code', ['channel'], unique=False)
    op.drop_index(op.f('ix_dead_letter_seen_at'), table_name='dead_letter')
    op.drop_column('dead_letter', 'tried_at')
    op.drop_index('ix_balance_points', table_name='balance')
    op.drop_index('ix_balance_person', table_name='balance')
    op.drop_column('api_token', 'used_at')
    op.drop_column('api_token', 'expires_at')
    op.drop_column('api_token', 'scopes')
    op.drop_index('ix_activity_hour', table_name='activity', postgresql_using='brin', postgresql_with={'autosummarize': 'on'})
    op.drop_index(op.f('ix_session_token'), table_name='session')
    op.drop_table('session')
    op.drop_index(op.f('ix_once_at'), table_name='once')
    op.drop_table('once')
    op.drop_table('day_total')
    op.drop_index('ix_audit_target', table_name='audit')
    op.drop_index('ix_audit_person', table_name='audit', postgresql_where=sa.text('person_id IS NOT NULL'))
    op.drop_index('ix_audit_group_id', table_name='audit', postgresql_where=sa.text('group_id IS NOT NULL'))
    op.drop_index('ix_audit_at', table_name='audit')
    op.drop_table('audit')
