"""What groups are told apart by."""

from sqlalchemy import func, select

from bot.http.api.office import Office
from bot.http.api.routes import Routes
from bot.http.api.views import View
from models.groups import Standing
from models.stores.unit import Unit
from models.tables import GroupRow


class Segments(View):
    """Each that groups of ours have, in order."""

    cities: list[str]
    channels: list[str]
    birth_windows: list[str]


def segments_api(office: Office) -> Routes:
    api = Routes(office.door, "groups")

    @api.viewer.get("/segments")
    async def segments() -> Segments:
        """Which cities, channels and birth windows there are to choose from."""
        return await office.read(_segments)

    return api


async def _segments(facts: Unit) -> Segments:
    columns = (GroupRow.city, GroupRow.channel, GroupRow.birth_window)
    found = await facts.connection.execute(
        select(*(func.array_agg(each.distinct()) for each in columns)).where(
            GroupRow.standing == Standing.OURS
        )
    )
    cities, channels, windows = (sorted(filter(None, each or ())) for each in found.one())
    return Segments(cities=cities, channels=channels, birth_windows=windows)
