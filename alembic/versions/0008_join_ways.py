"""what a platform keeps for us

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = '0008'
down_revision: str | None = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sa.Text(collation='C')
    moment = sa.DateTime(timezone=True)

    def qr_code() -> list[sa.Column]:
        return [
            sa.Column('content', text, nullable=True),
            sa.Column('image', sa.LargeBinary(), nullable=True),
            sa.Column('got_at', moment, nullable=True),
        ]

    op.create_table(
        'join_way',
        *(sa.Column(name, text, nullable=False) for name in ('account', 'city', 'channel', 'birth_window', 'code')),
        sa.Column('made_at', moment, nullable=False),
        sa.Column('config', text, nullable=False),
        sa.Column('groups', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('base_name', text, nullable=False),
        sa.Column('base_id', sa.Integer(), nullable=False),
        *qr_code(),
        sa.Column('due_at', moment, nullable=True),
        *(sa.Column(name, text, nullable=False) for name in ('why_not', 'changed')),
        sa.PrimaryKeyConstraint(
            'account', 'city', 'channel', 'birth_window', 'code', name=op.f('pk_join_way')
        ),
    )
    op.create_index('ix_join_way_cohort', 'join_way', ['city', 'channel', 'birth_window', 'code'])
    op.create_index(op.f('ix_join_way_due_at'), 'join_way', ['due_at'])
    op.create_table(
        'contact_way',
        *(sa.Column(name, text, nullable=False) for name in ('account', 'code')),
        sa.Column('made_at', moment, nullable=False),
        sa.Column('config', text, nullable=False),
        *qr_code(),
        sa.Column('due_at', moment, nullable=True),
        sa.Column('why_not', text, nullable=False),
        sa.PrimaryKeyConstraint('account', 'code', name=op.f('pk_contact_way')),
    )
    op.create_index(op.f('ix_contact_way_due_at'), 'contact_way', ['due_at'])
    op.create_table(
        'welcome_template',
        *(sa.Column(name, text, nullable=False) for name in ('account', 'name')),
        sa.Column('made_at', moment, nullable=False),
        *(sa.Column(name, text, nullable=False) for name in ('config', 'text')),
        sa.Column('due_at', moment, nullable=True),
        sa.Column('why_not', text, nullable=False),
        sa.PrimaryKeyConstraint('account', 'name', name=op.f('pk_welcome_template')),
    )


def downgrade() -> None:
    # An older version knows none of these, and must not be asked to read them.
    kinds = "('join_way', 'contact_way', 'welcome_template')"
    op.execute(f"DELETE FROM errand WHERE kind IN {kinds}")
    op.drop_table('welcome_template')
    op.drop_table('contact_way')
    op.drop_table('join_way')
