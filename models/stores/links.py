"""Short links, and who followed them."""

from models.links import Click, ShortLink
from models.stores.shelf import Shelf
from models.tables import ClickRow, ShortLinkRow


class ShortLinkStore(Shelf[ShortLink]):
    row = ShortLinkRow
    value = ShortLink
    key = ("slug",)


class ClickStore(Shelf[Click]):
    row = ClickRow
    value = Click
    key = ("slug", "visitor")
