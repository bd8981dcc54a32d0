"""Who brought whom."""

from models.referrals import Referral
from models.stores.shelf import Shelf
from models.tables import ReferralRow


class ReferralStore(Shelf[Referral]):
    row = ReferralRow
    value = Referral
    key = ("group", "person")
