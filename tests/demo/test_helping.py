"""Points, tasks, rewards and private messages, as one plays them in the demo."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import ManualClock
from bot.demo import hints, markup, panels, wording
from bot.demo.cast import Awkward
from bot.demo.community import REWARDS
from bot.demo.view import Promise, Scene
from handlers.addressed import read
from handlers.features import ROUTER
from models.content import PostState
from models.delivery import State
from models.ids import PersonId
from models.messages import Kind
from models.phase import PHASE_NAMES, Phase
from tests.demo.play import GROUP, Play, playing

WORDS = {word.casefold() for each in ROUTER.commands for word in each.words}


async def lives(play: Play, seconds: float = 5) -> None:
    await play.stage.jump(play.stage.now() + timedelta(seconds=seconds))


async def has_points(play: Play, me: PersonId, points: int) -> None:
    name = (await play.scene()).people[me].shown
    await play.cast.say(GROUP, await play.monitor(), f"/加分 @{name} {points} 热心帮忙")
    await lives(play)


async def test_the_panel_shows_who_has_points(play: Play) -> None:
    me = await play.cast.join(GROUP, "豆豆妈")
    await has_points(play, me, 20)
    await play.cast.say(GROUP, me, "/兑换 试用装")
    (score,) = (await play.scene()).points.scores
    assert (score.person, score.earned, score.balance) == (me, 20, 0)


async def test_a_code_arrives_in_private_and_is_handed_over(play: Play) -> None:
    me = await play.cast.join(GROUP, "豆豆妈")
    await has_points(play, me, 20)
    await play.cast.say(GROUP, me, "/兑换 试用装")
    await lives(play)
    scene = await play.scene()
    (code,) = scene.points.codes
    (told,) = await play.private(me)
    assert code.code in told
    assert scene.written.keys() == {me}
    assert all(code.code not in words for words in await play.said())
    (row,) = (each for each in scene.settled if each.to is not None)
    assert row.to == me
    assert "私信 豆豆妈" in panels.outbox_panel(scene)
    sample = next(each for each in scene.points.rewards if each.name == "试用装")
    assert sample.stock == 4

    fill_in = {each.label: each.text for each in hints.hints(scene, await play.monitor(), None)}
    await play.cast.say(GROUP, await play.monitor(), fill_in["/核销 …"])
    assert not (await play.scene()).points.codes


async def test_one_writes_to_the_bot_in_private(play: Play) -> None:
    me = await play.cast.join(GROUP, "豆豆妈")
    await play.cast.write_to_us(GROUP, me, "/积分")
    asked, answer = await play.private(me)
    assert asked == "/积分"
    assert "还没有积分" in answer
    assert await play.said() == []
    await play.cast.leave(GROUP, me)
    with pytest.raises(Awkward, match="不在群里"):
        await play.cast.write_to_us(GROUP, me, "在吗")


async def test_the_monitor_is_written_to_about_open_questions(play: Play) -> None:
    me = await play.cast.join(GROUP, "豆豆妈")
    await play.cast.say(GROUP, me, "请问孕晚期晚上总是抽筋怎么办呀")
    (question,) = (await play.scene()).points.questions
    assert question.asker == me
    await play.stage.jump(play.stage.now() + timedelta(minutes=40))
    (notice,) = await play.private(await play.monitor())
    assert "抽筋" in notice
    assert "给班长" in panels.outbox_panel(await play.scene())


async def test_a_task_is_answered_by_quoting_what_the_bot_said(play: Play) -> None:
    me = await play.cast.join(GROUP, "豆豆妈")
    await play.cast.say(GROUP, await play.monitor(), "/任务 今天散步了吗 分=3")
    await lives(play)
    announced = await play.last_said("任务来啦")
    await play.cast.say(GROUP, me, "走了半小时", announced)
    scene = await play.scene()
    assert [(task.title, done) for task, done in scene.points.tasks] == [("今天散步了吗", 1)]
    assert [each.balance for each in scene.points.scores] == [3]
    assert markup.quote(scene, announced).startswith("小助手：任务来啦")
    assert any('class="quoted">小助手：任务来啦' in line for line in await play.chat())


async def test_an_answer_is_quoted_and_accepted(play: Play) -> None:
    asker = await play.cast.join(GROUP, "豆豆妈")
    helper = await play.cast.join(GROUP, "糖糖妈咪")
    await play.cast.say(GROUP, asker, "请问孕晚期晚上总是抽筋怎么办呀")
    answer = "我那时候睡前泡脚，再补点钙，好多了"
    await play.cast.say(GROUP, helper, answer)
    quoting = await play.last_said(answer)
    scene = await play.scene()
    for_her = [each.text for each in hints.hints(scene, asker, quoting)]
    assert for_her[0] == "/采纳"
    assert "/采纳" not in [each.text for each in hints.hints(scene, helper, quoting)]
    await play.cast.say(GROUP, asker, "/采纳", quoting)
    assert [each.balance for each in (await play.scene()).points.scores] == [5]


async def test_whatever_is_suggested_is_a_command(play: Play) -> None:
    me = await play.cast.join(GROUP, "豆豆妈")
    await has_points(play, me, 20)
    await play.cast.say(GROUP, me, "/兑换 试用装")
    scene = await play.scene()
    for person in (me, await play.monitor()):
        for is_private in (False, True):
            offered = hints.hints(scene, person, None, private=is_private)
            assert len(offered) >= 4
            for each in offered:
                typed = read(each.text, WORDS, addressed=False)
                assert typed is not None
                assert typed.word is not None, each


async def test_the_suggested_bonus_is_for_whom_one_quotes(play: Play) -> None:
    me = await play.cast.join(GROUP, "豆豆妈")
    other = await play.cast.join(GROUP, "糖糖妈咪")
    await play.cast.say(GROUP, me, "我整理了待产包清单")
    await play.cast.say(GROUP, other, "太好了")
    scene, monitor = await play.scene(), await play.monitor()
    quoted = await play.last_said("待产包清单")
    for quoting in (quoted, None):
        await play.cast.say(GROUP, monitor, hints.hints(scene, monitor, quoting)[0].text)
        scores = (await play.scene()).points.scores
        assert {each.person: each.balance for each in scores}[me if quoting else other] == 5
        assert len(scores) == (1 if quoting else 2)


async def test_rewards_are_offered_once(database: str, real: ManualClock) -> None:
    async with playing(database, real) as play:
        assert {each.name for each in (await play.scene()).points.rewards} == {
            each.name for each in REWARDS
        }
        me = await play.cast.join(GROUP, "豆豆妈")
        await has_points(play, me, 20)
        await play.cast.say(GROUP, me, "/兑换 试用装")
    async with playing(database, real) as play:
        stock = {each.name: each.stock for each in (await play.scene()).points.rewards}
        assert stock == {"试用装": 4, "母乳储存袋": None, "绘本一册": None}


def test_every_kind_and_state_has_a_name() -> None:
    assert set(Kind) <= wording.KINDS.keys()
    assert set(State) <= wording.STATES.keys()
    assert set(PostState) <= wording.POST_STATES.keys()
    assert set(Phase) <= PHASE_NAMES.keys()


async def test_what_has_no_name_yet_is_shown_all_the_same(play: Play) -> None:
    scene: Scene = await play.scene()
    unheard_of = Promise(
        id=1,
        kind="survey.asked",
        text="填一下问卷吧",
        state=State.WAITING,
        due_at=scene.now,
        settled_at=None,
        reason=None,
        to=PersonId("p-nobody"),
    )
    shown = panels.outbox_panel(replace(scene, promised=[unheard_of]))
    assert "survey.asked" in shown
    assert "私信 新朋友" in shown
