"""wecom

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision: str = '0007'
down_revision: str | None = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('wecom_token',
    sa.Column('account', sa.Text(collation='C'), nullable=False),
    sa.Column('secret', sa.Text(collation='C'), nullable=False),
    sa.Column('token', sa.Text(collation='C'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refused_why', sa.Text(collation='C'), nullable=False),
    sa.Column('refused_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('account', name=op.f('pk_wecom_token'))
    )


def downgrade() -> None:
    op.drop_table('wecom_token')
