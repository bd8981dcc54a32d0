"""Who brought whom, and points for those who stay."""

from handlers.router import Router

router = Router()
