"""messages by the month

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision: str = '0006'
down_revision: str | None = '0005'
branch_labels = None
depends_on = None

# Table, column of the month, key, indexes as (name, columns, condition).
TABLES = (
    ('message', 'seen_at', ('chat', 'id', 'seen_at'), (
        ('ix_message_chat_said_at', ('chat', 'said_at'), None),
        ('ix_message_kept', ('seen_at',), 'text IS NOT NULL'),
    )),
    ('speaker', 'hour', ('group_id', 'hour', 'person_id'), (
        ('ix_speaker_hour', ('hour',), None),
        ('ix_speaker_person_id', ('person_id',), None),
    )),
)
KEYS = {'message': ('chat', 'id'), 'speaker': ('group_id', 'hour', 'person_id')}


def upgrade() -> None:
    for table, column, key, indexes in TABLES:
        _put_aside(table, indexes)
        op.execute(f"CREATE TABLE {table} (LIKE {table}_before INCLUDING DEFAULTS) PARTITION BY RANGE ({column})")
        op.create_primary_key(op.f(f'pk_{table}'), table, key)
        _index(table, indexes)
        op.execute(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
        for name, beginning, ending in _months(table, column):
            op.execute(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{beginning}') TO ('{ending}')")
        op.execute(f"INSERT INTO {table} SELECT * FROM {table}_before")
        op.execute(f"DROP TABLE {table}_before")


def downgrade() -> None:
    for table, _, _, indexes in TABLES:
        _put_aside(table, indexes)
        op.execute(f"CREATE TABLE {table} (LIKE {table}_before INCLUDING DEFAULTS)")
        # One that came again after the other had been seen for long is one again.
        key = KEYS[table]
        once = ', '.join(key)
        op.execute(f"INSERT INTO {table} SELECT DISTINCT ON ({once}) * FROM {table}_before ORDER BY {once}")
        op.create_primary_key(op.f(f'pk_{table}'), table, key)
        _index(table, indexes)
        op.execute(f"DROP TABLE {table}_before")


def _put_aside(table: str, indexes) -> None:
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    op.execute(f"ALTER TABLE {table}_before DROP CONSTRAINT pk_{table}")
    for name, _, _ in indexes:
        op.execute(f"DROP INDEX {name}")


def _index(table: str, indexes) -> None:
    for name, columns, condition in indexes:
        where = sa.text(condition) if condition else None
        op.create_index(name, table, columns, unique=False, postgresql_where=where)


def _months(table: str, column: str) -> list[tuple[str, str, str]]:
    """From the first of which there is anything to the one after next."""
    found = op.get_bind().execute(sa.text(f"""
        SELECT to_char(month, 'YYYY_MM'), month || '+00', month + interval '1 month' || '+00'
        FROM (
            SELECT generate_series(
                date_trunc('month', least(now(), greatest(coalesce(min({column}), now()), now() - interval '400 days')) AT TIME ZONE 'UTC'),
                date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months', interval '1 month'
            ) AS month FROM {table}_before
        ) AS months
    """))
    return [(f'{table}_{name}', beginning, ending) for name, beginning, ending in found]
