"""What an item of the library would say, before it is one."""

from dataclasses import replace
from datetime import date

from pydantic import Field

from bot.http.api.knowing import may_know
from bot.http.api.office import About, Office
from bot.http.api.post_views import MONITOR
from bot.http.api.routes import Routes
from bot.http.api.views import Given, View
from bot.http.door import Asker
from bot.http.values import GivenGroup
from config.daily import ZONE
from config.texts import CONTENT, EmptyValue, render_whole
from handlers.content.items import Draft
from handlers.wording import worded
from models.access import Holder
from models.cohort import Stage, week_told
from models.content import Voice
from models.ids import GroupId
from models.stores.unit import Unit

PREVIEWED = "preview"
"""The id of what has none yet; nobody sees it."""


class Trial(Given):
    item: Draft
    group: GivenGroup | None = Field(
        None, description="Where it is said; null: in a group like those that it is for."
    )


class Trialled(View):
    """What it says today, null where it has nothing to say there; and who would say it."""

    text: str | None = Field(examples=["杭州的妈妈们，叶酸每天400微克"])
    title: str
    voice: Voice
    group: str | None
    group_name: str | None


def content_preview_api(office: Office) -> Routes:
    api = Routes(office.door, "content")

    @api.viewer.post("/content-preview")
    async def preview(given: Trial, holder: Asker) -> Trialled:
        """What an item would say, without any change; 409 where it can't be one."""
        if given.group is None:
            text = _in_an_example(given.item)
            return _told(given.item, text, None, None)
        group, today = given.group, office.now().astimezone(ZONE).date()
        text, name = await office.read(
            lambda facts: _in_group(given.item, group, today, holder, facts)
        )
        return _told(given.item, text, group, name)

    return api


def _told(draft: Draft, text: str | None, group: GroupId | None, name: str | None) -> Trialled:
    item = draft.as_item(PREVIEWED)
    return Trialled(text=text, title=item.title, voice=item.voice, group=group, group_name=name)


def _in_an_example(draft: Draft) -> str | None:
    try:
        return render_whole(draft.text, CONTENT | _example(draft)) or None
    except EmptyValue:
        return None


def _example(draft: Draft) -> dict[str, str]:
    """Where it is not for all groups, one that it is for."""
    week = draft.from_week if draft.from_week is not None else draft.to_week
    usual = Stage.PRENATAL if week is None or week < 0 else Stage.POSTNATAL
    stage = draft.stages[0] if draft.stages else usual
    values = {"stage": stage.value}
    if draft.cities:
        values["city"] = draft.cities[0]
    if draft.channels:
        values["channel"] = draft.channels[0]
    if week is None:
        week = _USUAL_WEEKS[stage]
    return values | {"week": week_told(stage, week)}


_USUAL_WEEKS = {Stage.PRENATAL: -12, Stage.POSTNATAL: 4}


async def _in_group(
    draft: Draft, group: GroupId, today: date, holder: Holder, facts: Unit
) -> tuple[str | None, str]:
    known = await facts.groups.peek(group)
    if known is None:
        raise About(kind="group", id=group).missing
    monitor = await facts.members.monitor(group)
    if monitor is not None and not may_know(holder, known):
        monitor = replace(monitor, name=MONITOR, nickname="")
    rules = await facts.rules.in_force(known)
    return worded(draft.as_item(PREVIEWED), known, today, monitor, rules), known.name
