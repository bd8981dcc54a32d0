"""How newcomers get into a group, and the group that comes after it."""

from functools import partial
from typing import Any

from nicegui import events, ui

from bot.console import wording
from bot.console.frame import button, empty, sure
from bot.console.pages.group.shown import Row, Shown, heading

NO_WAY = (
    "现在没有能用的进群二维码，扫活码的妈妈会先排队。\n"
    "在手机上打开群的二维码，截图传到这里；小助手能自己取的群，会自己换新的。"
)
NO_NEXT = "还不用建下一个群。快满的时候，小助手会自己建，或者请同事建，到时候会写在这里。"
UPLOAD = "二维码截图（PNG 或 JPEG，2 MB 以内）"
LARGEST = 2_000_000


async def show_way(group: Shown) -> None:
    place = ui.element("div")
    await _fill(place, group)
    heading("下一个群")
    await _next_group(group)


async def _fill(place: ui.element, group: Shown) -> None:
    way = await group.visit.api.find(group.at("way"))
    place.clear()
    with place:
        heading("进群方式")
        if way is None:
            empty(NO_WAY)
        else:
            _way(way, group)
        if group.may:
            _upload(place, group)
        if way is not None and group.may:
            button("这个不用了", partial(_take, place, group), "take-way")


def _way(way: Row, group: Shown) -> None:
    ui.label(way_told(way, wording.moment(way["valid_until"], group.visit.now))).classes(
        "" if way["is_valid"] else "tag bad"
    ).props("data-testid=way")
    by = f"{way['by']}，{wording.moment(way['got_at'], group.visit.now)}"
    ui.label(f"{wording.WAYS[way['kind']]}（{by}）").classes("faint")
    if way["has_image"]:
        picture = ui.element("img").classes("qr")
        picture.props["src"] = f"/api/v1{group.at('way', 'image.png')}?{way['got_at']}"
        picture.props["alt"] = "进群二维码"


def way_told(way: Row, until: str) -> str:
    if not way["is_valid"]:
        return "二维码过期了，扫不进来"
    return f"能用，到 {until}" if until else "能用，不会过期"


def _upload(place: ui.element, group: Shown) -> None:
    async def given(event: events.UploadEventArguments) -> None:
        data = await event.file.read()
        kind = event.file.content_type
        path = group.at("way")
        if await group.visit.attempt(
            lambda: group.visit.api.send("PUT", path, data, kind), "放上了，妈妈们现在就能用"
        ):
            await _fill(place, group)

    def too_large(_: Any) -> None:
        ui.notify("要 PNG 或 JPEG 图片，2 MB 以内", type="negative", position="top")

    ui.upload(
        label=UPLOAD,
        auto_upload=True,
        max_file_size=LARGEST,
        on_upload=given,
        on_rejected=too_large,
    ).props('accept=".png,.jpg,.jpeg" flat bordered data-testid=give-way').classes("upload")


async def _take(place: ui.element, group: Shown) -> None:
    if await sure("这个二维码不再给人看？小助手能自己取的话，会换一个新的。", "不用了"):
        path = group.at("way")
        if await group.visit.attempt(lambda: group.visit.api.change("DELETE", path), "撤下了"):
            await _fill(place, group)


# The next group


async def _next_group(group: Shown) -> None:
    known = group.known
    cohort = {name: known[name] for name in ("city", "channel", "birth_window")}
    found = []
    if all(cohort.values()):
        found = (await group.visit.api.get("/openings", **cohort, limit=5))["items"]
    if not found:
        empty(NO_NEXT)
    for each in found:
        with ui.element("div").classes("concern").props("data-testid=opening"):
            ui.label(wording.OPENINGS[each["state"]]).classes("tag warn")
            ui.label(each["name"]).classes("what")
            ui.label(f"{wording.number(each['waiting'])} 位妈妈在等").classes("faint")
            if each["page"]:
                ui.link("怎么建、建好了", each["page"], new_tab=True).classes("go")
