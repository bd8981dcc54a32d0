"""Rules are changed from within the group."""

from handlers.router import Router

router = Router()
