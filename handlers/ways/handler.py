"""How one gets into each group, and who is let in by hand."""

from handlers.router import Router

router = Router()
