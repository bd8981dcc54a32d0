"""Schema history of models/tables.

Never put an __init__.py in this folder: it would hide the alembic library itself.
"""

import asyncio
import re
from typing import Literal

from sqlalchemy import Connection

from alembic import context
from models.database import open_engine
from models.locks import MIGRATIONS
from models.tables import MONTHLY, Base
from models.tables.base import Utc

MONTH = re.compile(rf"(?:{'|'.join(each.table for each in MONTHLY)})_(?:rest|\d{{4}}_\d{{2}})")


def frozen_type(kind: str, thing: object, _: object) -> str | Literal[False]:
    """A migration must outlive the code: write plain types, never our own classes."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, Utc) else False


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """Months come and go by themselves (models/tables/months.py)."""
    return kind != "table" or name is None or not MONTH.fullmatch(name)


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        render_item=frozen_type,
        include_name=is_ours,
    )
    with context.begin_transaction():
        # Two processes that start at once must not both migrate.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATIONS})")
        context.run_migrations()


async def main(url: str) -> None:
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


if (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    asyncio.run(main(context.config.get_main_option("sqlalchemy.url") or ""))
