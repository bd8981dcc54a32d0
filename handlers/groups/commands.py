"""What is typed to look at, and to run, a group."""

from handlers.router import Router

router = Router()
