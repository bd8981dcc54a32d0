"""What mothers tell of themselves, and the places that are kept for them."""

from handlers.router import Router

router = Router()
