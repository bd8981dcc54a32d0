"""How the database is opened: by the bot, by Alembic and by the tests."""

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def open_engine(url: str, *, pool_size: int = 8) -> AsyncEngine:
    """An engine on asyncpg. A plain `postgresql://` address is taken as meaning that."""
    return create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        # What a statement carries may be a due date, or a name: it is not for the log.
        hide_parameters=True,
        connect_args={"timeout": 10},
    )
