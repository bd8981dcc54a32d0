"""The monitor asks the group to do something; who does it is credited once."""

from handlers.router import Router

router = Router()
