"""What is said in a group of WeCom's is confirmed by its owner: the story from her side."""

from datetime import timedelta

import pytest

from handlers.context import Context
from models.events import ProposalDone, RulesChanged
from models.groups import Group, Standing
from models.ids import GroupId
from models.proposals import Means, ProposalState
from models.stores.unit import Unit
from tests.gateways.wecom.fake.sends import HAD_OTHERS
from tests.gateways.wecom.office import ACCOUNT
from tests.gateways.wecom.town import OTHER, OWNER, Town

FIRST, SECOND = "wr01", "wr02"
NAMES = {FIRST: "杭州·2026年3-5月·妇幼·01", SECOND: "杭州·2026年3-5月·妇幼·02"}
NEWS = "明天上午十点，社区医院有免费的产检讲座～"


@pytest.fixture
async def groups(town: Town) -> Town:
    """Two groups of one owner."""
    for chat, name in NAMES.items():
        town.corp.open_chat(chat, name, OWNER, {f"wmDoudou{chat}": "豆豆妈"})
    await town.begins()
    return town


async def announces(town: Town, *groups: str, text: str = NEWS, key: str = "news") -> None:
    async def work(facts: Unit) -> None:
        for group in groups:
            ctx = await Context.open(facts, town.clock.now(), GroupId(group))
            ctx.announce(f"{key}:{group}", text)

    await town.transactions.run(work)
    await town.work.look_again()
    await town.passes(minutes=3)


def sent(town: Town) -> list[str]:
    """What WeCom calls the mass sends that wait for her."""
    return [each.msgid for each in town.corp.sends.pending(OWNER)]


# Newcomers


async def test_newcomers_are_greeted_by_a_text_that_the_owner_pastes(groups: Town) -> None:
    groups.corp.joins(FIRST, "wmXiaoyu", "小雨")
    await groups.passes(minutes=5)
    assert groups.said_in(FIRST) == []
    (asked,) = await groups.proposals()
    assert (asked.means, asked.state) == (Means.PASTE, ProposalState.OPEN)
    (notice,) = groups.told(OWNER)
    assert f"「{NAMES[FIRST]}」" in notice
    assert "1位新朋友" in notice
    assert "小雨" in notice


async def test_a_peak_is_one_thing_to_paste(groups: Town) -> None:
    for number in range(12):
        groups.corp.joins(FIRST, f"wm{number}", f"妈妈{number}")
        await groups.passes(minutes=1)
    assert len(await groups.proposals()) == 1
    assert len(groups.told(OWNER)) == 1


async def test_who_has_several_groups_hears_of_them_at_once(groups: Town) -> None:
    groups.corp.joins(FIRST, "wmXiaoyu", "小雨")
    groups.corp.joins(SECOND, "wmAnan", "安安")
    await groups.passes(minutes=5)
    (notice,) = groups.told(OWNER)
    assert NAMES[FIRST] in notice
    assert NAMES[SECOND] in notice


async def test_what_nobody_pastes_is_reminded_of_and_given_up_at_last(groups: Town) -> None:
    groups.corp.joins(FIRST, "wmXiaoyu", "小雨")
    await groups.passes(minutes=5)
    await groups.passes(hours=3)
    reminders = [each for each in groups.told(OWNER) if "还在等" in each]
    assert len(reminders) == 2
    await groups.passes(hours=14)
    first = (await groups.proposals())[0]
    assert (first.state, first.reason) == (ProposalState.LAPSED, "nobody confirmed it in time")


async def pasted(town: Town) -> None:
    for each in await town.proposals():
        if each.means is Means.PASTE and each.state is ProposalState.OPEN:
            now = town.clock.now()
            done = ProposalDone(at=now, by="群主", proposal=each.key, named=None)
            await town.work.dispatcher.decide(done, now)
    await town.work.look_again()
    await town.passes(minutes=1)


@pytest.mark.parametrize("changes", [True, False])
async def test_only_who_still_needs_it_is_reminded_of_her_nickname(
    groups: Town, changes: bool
) -> None:
    """WeCom tells nobody of a new nickname, so it is looked up before anybody is asked."""
    groups.corp.joins(FIRST, "wmXiaoyu", "小雨")
    await groups.passes(minutes=5)
    await pasted(groups)
    await groups.passes(hours=18)
    if changes:
        groups.corp.calls_herself(FIRST, "wmXiaoyu", "杭州-孕36周-小雨")
    await groups.passes(hours=8)
    kinds = [kind for kind, _, _ in await groups.outbox() if kind == "onboarding.reminder"]
    asked = [each for each in await groups.proposals() if each.state is ProposalState.OPEN]
    assert [each.means for each in asked if each.means is Means.PASTE] == (
        [] if changes else [Means.PASTE]
    )
    assert len(kinds) == 1


# Mass sends


async def test_what_is_alike_is_one_confirmation_for_many_groups(groups: Town) -> None:
    await announces(groups, FIRST, SECOND)
    (msgid,) = sent(groups)
    assert groups.said_in(FIRST) == groups.said_in(SECOND) == []
    groups.corp.owner_taps(OWNER, msgid)
    await groups.passes(minutes=2)
    assert groups.said_in(FIRST) == groups.said_in(SECOND) == [NEWS]
    assert [state for _, state, _ in await groups.outbox()] == ["sent", "sent"]
    (done,) = await groups.proposals()
    assert done.state is ProposalState.DONE


async def test_each_owner_is_asked_for_her_own_groups(groups: Town) -> None:
    groups.corp.open_chat("wr03", "宁波·2026年3-5月·妇幼·01", OTHER, {"wmGuoguo": "果果妈"})
    await groups.passes(minutes=1)
    await announces(groups, FIRST, "wr03")
    assert len(sent(groups)) == 1
    assert len(groups.corp.sends.pending(OTHER)) == 1


async def test_who_does_not_tap_is_reminded_and_then_it_is_called_off(groups: Town) -> None:
    await announces(groups, FIRST)
    (msgid,) = sent(groups)
    await groups.passes(hours=13)
    reminders = groups.corp.calls_of("externalcontact/remind_groupmsg_send")
    assert [each.errcode for each in reminders] == [0, 0]
    assert [tuple(each)[1:] for each in await groups.outbox()] == [
        ("lapsed", "nobody confirmed it in time")
    ]
    assert sent(groups) == []
    assert groups.said_in(FIRST) == []
    assert groups.corp.calls_of("externalcontact/cancel_groupmsg_send")[0].body == {"msgid": msgid}


async def test_who_taps_just_before_it_is_called_off_has_sent_it(groups: Town) -> None:
    await announces(groups, FIRST)
    (msgid,) = sent(groups)
    (proposal,) = await groups.proposals()
    left = proposal.lapses_at - groups.clock.now() - timedelta(seconds=30)
    await groups.passes(seconds=left.total_seconds())
    groups.corp.owner_taps(OWNER, msgid)
    await groups.passes(minutes=1)
    assert [state for _, state, _ in await groups.outbox()] == ["sent"]


async def test_a_group_that_wecom_leaves_out_is_told_of(groups: Town) -> None:
    await announces(groups, FIRST, SECOND)
    (msgid,) = sent(groups)
    groups.corp.row_ends(msgid, SECOND, HAD_OTHERS)
    groups.corp.owner_taps(OWNER, msgid)
    await groups.passes(minutes=2)
    (first, second) = await groups.outbox()
    assert first[1] == "sent"
    assert second[1] == "parked"
    assert "share of mass sends" in (second[2] or "")


async def test_a_second_one_on_the_same_day_is_not_sent(groups: Town) -> None:
    await announces(groups, FIRST)
    await announces(groups, FIRST, text="今晚八点直播～", key="more")
    assert len(sent(groups)) == 1
    second = (await groups.outbox())[1]
    assert second[1] == "lapsed"
    assert "1 mass sends of today" in (second[2] or "")


async def test_the_months_budget_is_kept(groups: Town) -> None:
    changed = RulesChanged(
        at=groups.clock.now(),
        by="运营小王",
        scope="everywhere",
        changes={"confirmation": {"daily": 10, "budget": "week"}},
    )
    await groups.work.dispatcher.decide(changed, groups.clock.now())
    for number in range(8):
        await announces(groups, FIRST, text=f"第{number}件事", key=f"news{number}")
    states = [state for _, state, _ in await groups.outbox()]
    assert states == ["proposed"] * 7 + ["lapsed"]


# What goes wrong


async def test_a_send_whose_answer_is_lost_is_found_and_not_made_twice(groups: Town) -> None:
    groups.corp.break_next("externalcontact/add_msg_template", "unanswered")
    await announces(groups, FIRST)
    await groups.passes(minutes=3)
    (msgid,) = sent(groups)
    (proposal,) = await groups.proposals()
    assert (proposal.state, proposal.platform_id) == (ProposalState.OPEN, msgid)


async def test_a_send_that_never_arrived_is_made_again(groups: Town) -> None:
    groups.corp.break_next("externalcontact/add_msg_template", "refused")
    await announces(groups, FIRST)
    await groups.passes(minutes=3)
    assert len(sent(groups)) == 1


async def test_a_send_that_wecom_refuses_is_parked_in_words(groups: Town) -> None:
    groups.corp.fail_next("externalcontact/add_msg_template", 40201)
    await announces(groups, FIRST)
    ((_, state, reason),) = await groups.outbox()
    assert state == "parked"
    assert reason
    (proposal,) = await groups.proposals()
    assert proposal.state is ProposalState.REFUSED


async def test_what_cannot_be_looked_up_now_is_looked_up_later(groups: Town) -> None:
    await announces(groups, FIRST)
    (msgid,) = sent(groups)
    groups.corp.owner_taps(OWNER, msgid)
    groups.corp.break_next("externalcontact/get_groupmsg_task", "refused", times=2)
    await groups.passes(minutes=10)
    assert [state for _, state, _ in await groups.outbox()] == ["sent"]


async def test_a_group_without_an_owner_is_told_of(groups: Town) -> None:
    async def work(facts: Unit) -> None:
        group = Group(id=GroupId("wr09"), account=ACCOUNT, name="杭州", standing=Standing.OURS)
        facts.groups.put(group)

    await groups.transactions.run(work)
    await announces(groups, "wr09")
    ((_, state, reason),) = await groups.outbox()
    assert state == "parked"
    assert "owner" in (reason or "")


async def test_a_send_whose_answer_is_lost_is_found_however_late(groups: Town) -> None:
    groups.corp.break_next("externalcontact/add_msg_template", "unanswered")
    groups.corp.break_next("externalcontact/get_groupmsg_list_v2", "refused", times=5)
    await announces(groups, FIRST)
    await groups.passes(minutes=20)
    (msgid,) = sent(groups)
    sends = [each for each in await groups.proposals() if each.means is Means.GROUP_SEND]
    assert [each.platform_id for each in sends] == [msgid]


async def test_what_concerns_nobody_any_more_is_not_asked_for(groups: Town) -> None:
    groups.corp.joins(FIRST, "wmXiaoyu", "小雨")
    await groups.passes(minutes=1)
    groups.corp.leaves(FIRST, "wmXiaoyu")
    await groups.passes(minutes=10)
    assert groups.told(OWNER) == []
    (gone,) = await groups.proposals()
    assert (gone.state, gone.reason) == (ProposalState.LAPSED, "it concerns nobody any more")


async def test_a_group_whose_owner_changed_is_told_of_for_what_it_is(groups: Town) -> None:
    await announces(groups, FIRST, SECOND)
    groups.corp.owner_changes(SECOND, OTHER)
    groups.corp.owner_taps(OWNER, sent(groups)[0])
    await groups.passes(hours=13)
    first, second = await groups.outbox()
    assert first[1] == "sent"
    assert second[1:] == (
        "lapsed",
        "it was confirmed, and the platform did not send it to this group",
    )
