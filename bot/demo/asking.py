"""What the demo asks before somebody joins, or changes what she is called."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from bot.demo.cast import Cast
from bot.demo.elements import answers, button, dialog, mark, text_field
from bot.demo.view import Scene
from handlers.nickname.judge import Judgement, Verdict, judge
from models.ids import GroupId, PersonId

Attempt = Callable[[Callable[[], Awaitable[object]]], Awaitable[bool]]
"""Whether it could be done; if not, it was said why."""


def ask_newcomer(
    cast: Cast, group: GroupId, attempt: Attempt, become: Callable[[PersonId], None]
) -> None:
    asked = 0
    with dialog("新妈妈入群") as opened:
        name = text_field("微信名", cast.suggest(group), "newcomer-name")

        def another() -> None:
            nonlocal asked
            asked += 1
            name.value = cast.suggest(group, asked)

        button("换一个名字", another, "another")
        ui.label("她会先用微信名出现在群里，之后可以改群昵称。").classes("faint")

        async def enter() -> None:
            become(await cast.join(group, name.value or ""))

        async def join() -> None:
            if await attempt(enter):
                opened.close()

        answers(opened, "入群", join, "newcomer-join")
        name.on("keydown.enter", join)


def ask_nickname(cast: Cast, scene: Scene, me: PersonId, attempt: Attempt) -> None:
    group = scene.group.id
    age = "孕周" if scene.stage == "prenatal" else "月龄"
    with dialog(f"{scene.people[me].shown} 的群昵称") as opened:
        nickname = text_field("我在本群的昵称", scene.people[me].nickname, "nickname-text")
        ui.label(f"城市-{age}-称呼，比如「{scene.example}」").classes("faint")
        verdict = ui.label().classes("verdict").props("data-testid=verdict")

        def say_verdict() -> None:
            judged = _judged(nickname.value or "", scene)
            verdict.set_text(_verdict(judged, age) if nickname.value else "")
            mark(verdict, "good", on=judged.fits)

        nickname.on_value_change(say_verdict)
        say_verdict()

        async def rename() -> None:
            new = nickname.value or ""
            if await attempt(lambda: cast.call_herself(group, me, new)):
                opened.close()

        answers(opened, "改好了", rename, "nickname-save")
        nickname.on("keydown.enter", rename)


def _judged(nickname: str, scene: Scene) -> Judgement:
    return judge(
        nickname,
        city=scene.group.city,
        window=scene.group.window,
        on=scene.today,
        tolerance_months=scene.rules.onboarding.age_tolerance,
    )


def _verdict(judged: Judgement, age: str) -> str:
    """What the assistant will think of it."""
    if judged.fits:
        return "✓ 符合格式，不会再提醒"
    parts = {"城市": judged.city, age: judged.age, "称呼": judged.name}
    missing = [name for name, each in parts.items() if each is Verdict.MISSING]
    wrong = [name for name, each in parts.items() if each is Verdict.CONTRADICTS]
    texts = [
        f"还少了{'、'.join(missing)}" if missing else "",
        f"{'、'.join(wrong)}和这个群对不上" if wrong else "",
    ]
    return "，".join(filter(None, texts)) + "（也可以先这样）"
