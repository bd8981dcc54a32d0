"""How one gets into groups, and to be a friend of accounts."""

from models.stores.shelf import Shelf
from models.tables import AccountCardRow, WayRow
from models.ways import AccountCard, Way


class WayStore(Shelf[Way]):
    row = WayRow
    value = Way
    key = ("group",)


class AccountCardStore(Shelf[AccountCard]):
    row = AccountCardRow
    value = AccountCard
    key = ("account",)
