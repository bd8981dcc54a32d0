"""The series of groups, and those of them that were asked for."""

from sqlalchemy import func, select

from models.cohort import Cohort
from models.openings import Opening
from models.stores.shelf import Shelf
from models.tables import OpeningRow


class OpeningStore(Shelf[Opening]):
    row = OpeningRow
    value = Opening
    key = ("city", "channel", "birth_window", "seq")

    async def take_turns(self, cohort: Cohort) -> None:
        """Nobody else numbers or fills the groups of this cohort until this transaction ends. To
        be asked for before any of them is locked."""
        await self.connection.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(str(cohort), 0)))
        )
