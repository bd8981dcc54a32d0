"""Short links for what is posted, and who followed them."""

from handlers.router import Router

router = Router()
