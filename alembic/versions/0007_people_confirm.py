"""what people confirm, and what comes to our own address

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision: str = '0007'
down_revision: str | None = '0006'
branch_labels = None
depends_on = None

PENDING = "state IN ('gathering', 'handing', 'open')"
LOOSE = "state = 'proposed' AND proposal IS NULL"


def upgrade() -> None:
    text = sa.Text(collation='C')
    moment = sa.DateTime(timezone=True)
    op.create_table(
        'inbox',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('account', text, nullable=False),
        sa.Column('digest', text, nullable=False),
        sa.Column('body', text, nullable=True),
        sa.Column('came_at', moment, nullable=False),
        sa.Column('handled_at', moment, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox')),
    )
    op.create_index('ix_inbox_digest', 'inbox', ['account', 'digest'], unique=True)
    op.create_index('ix_inbox_handled_at', 'inbox', ['handled_at'])
    op.create_index(
        'ix_inbox_waiting', 'inbox', ['account', 'id'], postgresql_where=sa.text('handled_at IS NULL')
    )
    op.create_table(
        'proposal',
        *(sa.Column(name, text, nullable=False) for name in ('key', 'account', 'owner', 'means', 'state')),
        sa.Column('hour', moment, nullable=False),
        sa.Column('digest', text, nullable=False),
        *(sa.Column(name, moment, nullable=False) for name in ('made_at', 'ready_at', 'lapses_at')),
        sa.Column('due_at', moment, nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('platform_id', text, nullable=True),
        sa.Column('handed_at', moment, nullable=True),
        sa.Column('reminders', sa.Integer(), nullable=False),
        *(sa.Column(name, moment, nullable=True) for name in ('reminded_at', 'settled_at')),
        sa.Column('reason', text, nullable=True),
        sa.PrimaryKeyConstraint('key', name=op.f('pk_proposal')),
    )
    op.create_index('ix_proposal_due', 'proposal', ['account', 'due_at'], postgresql_where=sa.text(PENDING))
    op.create_index('ix_proposal_owner', 'proposal', ['owner'], postgresql_where=sa.text(PENDING))
    op.create_index('ix_proposal_made_at', 'proposal', ['made_at', 'key'])
    op.create_table(
        'owner_page',
        *(sa.Column(name, text, nullable=False) for name in ('account', 'owner', 'token')),
        sa.Column('made_at', moment, nullable=False),
        sa.PrimaryKeyConstraint('account', 'owner', name=op.f('pk_owner_page')),
        sa.UniqueConstraint('token', name=op.f('uq_owner_page_token')),
    )
    op.create_table(
        'wecom_token',
        *(sa.Column(name, text, nullable=False) for name in ('account', 'secret', 'token', 'refused_why')),
        *(sa.Column(name, moment, nullable=True) for name in ('expires_at', 'refused_until')),
        sa.PrimaryKeyConstraint('account', name=op.f('pk_wecom_token')),
    )
    op.create_table(
        'wecom_chat',
        *(sa.Column(name, text, nullable=False) for name in ('account', 'chat', 'version')),
        sa.PrimaryKeyConstraint('account', 'chat', name=op.f('pk_wecom_chat')),
    )
    op.add_column('outbox', sa.Column('proposal', text, nullable=True))
    op.create_index(
        'ix_outbox_proposal', 'outbox', ['proposal'], postgresql_where=sa.text('proposal IS NOT NULL')
    )
    op.create_index('ix_outbox_loose', 'outbox', ['account', 'id'], postgresql_where=sa.text(LOOSE))
    op.add_column('chat_group', sa.Column('owner', text, nullable=True))
    # Until now every gateway heard, and none said so.
    op.execute("""
        UPDATE account SET abilities = abilities || '["hears"]'::jsonb
        WHERE jsonb_array_length(abilities) > 0 AND NOT abilities ? 'hears'
    """)


def downgrade() -> None:
    op.execute("UPDATE account SET abilities = abilities - 'hears' - 'needs_confirmation'")
    # What people were asked for is not said by a version that knows nothing of it.
    op.execute("UPDATE outbox SET state = 'lapsed', settled_at = now(), reason = 'taken back' WHERE state = 'proposed'")
    op.drop_column('chat_group', 'owner')
    op.drop_index('ix_outbox_loose', table_name='outbox')
    op.drop_index('ix_outbox_proposal', table_name='outbox')
    op.drop_column('outbox', 'proposal')
    op.drop_table('wecom_chat')
    op.drop_table('wecom_token')
    op.drop_table('owner_page')
    op.drop_table('proposal')
    op.drop_table('inbox')
