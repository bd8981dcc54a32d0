"""Entry codes, and who scanned them."""

from models.entry import EntryCode, Visitor
from models.stores.shelf import Shelf
from models.tables import EntryCodeRow, VisitorRow


class EntryCodeStore(Shelf[EntryCode]):
    row = EntryCodeRow
    value = EntryCode
    key = ("code",)


class VisitorStore(Shelf[Visitor]):
    """Reading a visitor locks her: a browser's requests take turns, in several processes."""

    row = VisitorRow
    value = Visitor
    key = ("id",)
    locks = True
