"""The next group of a series, opened or asked for."""

from handlers.router import Router

router = Router()
