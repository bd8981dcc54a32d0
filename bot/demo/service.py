"""`python -m bot demo`."""

from config.settings import Settings


async def serve_demo(settings: Settings) -> None: ...
