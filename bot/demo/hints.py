"""Commands to try, written out for whoever one is at the moment."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.demo.chats import Said
from bot.demo.view import Scene
from models.groups import Member
from models.ids import PersonId
from models.messages import mention


@dataclass(frozen=True, slots=True)
class Hint:
    """`label` is what one clicks on, `text` what is then in the entry, to be changed or sent; with
    `to_group` it is the entry of the group."""

    label: str
    text: str
    to_group: bool = False


def hints(
    scene: Scene, me: PersonId | None, quoting: str | None, *, private: bool = False
) -> list[Hint]:
    """For the role one has; `quoting` is the message that one is about to quote."""
    member = scene.people.get(me) if me else None
    if member is None:
        return []
    quoted = scene.message(quoting) if quoting else None
    if member.role.leads:
        return list(_for_leaders(scene, member.person, quoted, private=private))
    words = ("/积分", "/排行", "/兑换", "/帮助")
    return [Hint(each, each) for each in (*_accepting(quoted, member), *words)]


def _accepting(quoted: Said | None, member: Member) -> Iterator[str]:
    """Whoever asked may accept what she quotes."""
    if quoted is not None and not quoted.by_bot and quoted.by != member.person:
        yield "/采纳"


def _for_leaders(
    scene: Scene, me: PersonId, quoted: Said | None, *, private: bool
) -> Iterator[Hint]:
    for text in scene.outlook.handed_to(me):
        yield Hint("发到群里", text, to_group=True)
    if (someone := _somebody(scene, quoted)) is not None:
        yield Hint("/加分 @…", f"/加分 {mention(someone.shown)}5 热心帮忙")
    yield Hint("/任务 …", "/任务 今天喝水打卡 关键词=已喝 分=1")
    if not private:
        yield Hint("/采纳", "/采纳")
    yield Hint("/问题", "/问题")
    if scene.points.codes:
        yield Hint("/核销 …", f"/核销 {scene.points.codes[0].code}")
    yield Hint("/帮助", "/帮助")


def _somebody(scene: Scene, quoted: Said | None) -> Member | None:
    """Who may be given points: who is quoted, else who spoke last, else anybody."""
    members = {each.person: each for each in scene.present if not each.role.is_staff}
    spoke = [each.by for each in scene.chat if isinstance(each, Said)]
    wanted = [*([quoted.by] if quoted else []), *reversed(spoke), *members]
    return next((members[each] for each in wanted if each in members), None)
