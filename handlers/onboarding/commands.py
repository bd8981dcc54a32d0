"""What is typed about greeting newcomers."""

from handlers.router import Router

router = Router()
