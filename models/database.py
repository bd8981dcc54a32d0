"""How the database is opened: by the bot, by Alembic and by the tests."""

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def open_engine(url: str, *, pool_size: int = 16) -> AsyncEngine:
    """An engine on asyncpg. A plain `postgresql://` address is taken as meaning that."""
    return create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        # What overflows would be closed after each use, and to open one takes longer than to wait.
        max_overflow=0,
        pool_pre_ping=True,
        # What a statement carries may be a due date, or a name: it is not for the log.
        hide_parameters=True,
        # We say some 200 different things, each often: with 100, one in nine is prepared anew.
        connect_args={"timeout": 10, "prepared_statement_cache_size": 500},
    )
