"""Members who carry their group are found, named, renewed and thanked."""

from handlers.router import Router

router = Router()
