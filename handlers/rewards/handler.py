"""Points become benefits: a code for the member, handed over by the monitor."""

from handlers.router import Router

router = Router()
