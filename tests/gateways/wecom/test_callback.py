"""Events as WeCom's documents show them, as they were seen in the wild, and as an attacker may
send them."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateways.wecom import callback
from bot.gateways.wecom.callback import (
    BadCallback,
    ChatChanged,
    ChatDismissed,
    ContactAdded,
    ContactGone,
    MembersCame,
    MembersWent,
    Unknown,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AT = NOW - timedelta(seconds=3)


def event(name: str, change: str, *fields: str) -> str:
    return (
        "<xml><ToUserName><![CDATA[ww1]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
        f"<CreateTime>{AT.timestamp():.0f}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{name}]]></Event><ChangeType><![CDATA[{change}]]></ChangeType>"
        f"{''.join(fields)}</xml>"
    )


def of_chat(change: str, *fields: str) -> str:
    return event("change_external_chat", change, "<ChatId><![CDATA[wr1]]></ChatId>", *fields)


def update(detail: str, *fields: str) -> str:
    return of_chat("update", f"<UpdateDetail><![CDATA[{detail}]]></UpdateDetail>", *fields)


def of_contact(change: str, *fields: str) -> str:
    who = "<UserID><![CDATA[lan]]></UserID><ExternalUserID><![CDATA[wm1]]></ExternalUserID>"
    return event("change_external_contact", change, who, *fields)


def changed(inside: str) -> str:
    return f"<MemChangeList>{inside}</MemChangeList>"


def test_two_came_by_qr_code() -> None:
    xml = update(
        "add_member",
        "<JoinScene>3</JoinScene><MemChangeCnt>2</MemChangeCnt>",
        changed("<Item>wm1</Item>\n<Item>wm2</Item>"),
        "<LastMemVer>9c3f97</LastMemVer><CurMemVer>0a21c2</CurMemVer>",
    )
    assert callback.read(xml, NOW) == MembersCame(
        chat="wr1",
        people=("wm1", "wm2"),
        count=2,
        at=AT,
        scene=3,
        last_version="9c3f97",
        version="0a21c2",
    )


@pytest.mark.parametrize(
    ("inside", "people"),
    [
        ("<Item>wm1</Item>", ("wm1",)),
        ("<Item><![CDATA[wm1]]></Item><Item><![CDATA[wm2]]></Item>", ("wm1", "wm2")),
        ("<![CDATA[wm1,wm2]]>", ("wm1", "wm2")),
        ("wm1, wm2,", ("wm1", "wm2")),
        ("<![CDATA[wm1]]>", ("wm1",)),
        ("<Item>wm1</Item><Item>wm1</Item>", ("wm1",)),
        ("<Item><![CDATA[wm1,wm2]]></Item>", ("wm1", "wm2")),
        ("<Item/>", ()),
        ("", ()),
    ],
)
def test_lists_of_members_come_in_many_shapes(inside: str, people: tuple[str, ...]) -> None:
    came = callback.read(update("add_member", changed(inside)), NOW)
    assert isinstance(came, MembersCame)
    assert came.people == people


def test_what_wecom_leaves_out_is_unknown() -> None:
    assert callback.read(update("add_member"), NOW) == MembersCame(
        chat="wr1", people=(), count=None, at=AT, scene=None, last_version=None, version=None
    )
    assert callback.read(update("del_member"), NOW) == MembersWent(
        chat="wr1", people=(), count=None, at=AT, was_removed=None, last_version=None, version=None
    )


@pytest.mark.parametrize(
    ("scene", "was_removed"),
    [
        ("<QuitScene>0</QuitScene>", False),
        ("<QuitScene><![CDATA[1]]></QuitScene>", True),
        ("<QuitScene>7</QuitScene>", None),
        ("<QuitScene/>", None),
        ("", None),
    ],
)
def test_who_left_and_who_was_removed(scene: str, was_removed: bool | None) -> None:
    went = callback.read(update("del_member", scene, changed("<Item>wm1</Item>")), NOW)
    assert isinstance(went, MembersWent)
    assert went.people == ("wm1",)
    assert went.was_removed is was_removed


@pytest.mark.parametrize("detail", ["change_owner", "change_name", "change_notice", "new_in_2027"])
def test_a_chat_changed(detail: str) -> None:
    assert callback.read(update(detail), NOW) == ChatChanged(chat="wr1", at=AT, what=detail)


def test_a_chat_came_and_went() -> None:
    assert callback.read(of_chat("create"), NOW) == ChatChanged(chat="wr1", at=AT, what="create")
    assert callback.read(of_chat("dismiss"), NOW) == ChatDismissed(chat="wr1", at=AT)


@pytest.mark.parametrize("change", ["add_external_contact", "add_half_external_contact"])
def test_somebody_added_us(change: str) -> None:
    fields = "<State><![CDATA[hz01]]></State><WelcomeCode><![CDATA[WC]]></WelcomeCode>"
    assert callback.read(of_contact(change, fields), NOW) == ContactAdded(
        user="lan",
        person="wm1",
        state="hz01",
        welcome_code="WC",
        at=AT,
        is_half="half" in change,
    )


def test_who_was_welcomed_by_others_has_no_welcome_code() -> None:
    added = callback.read(of_contact("add_external_contact", "<WelcomeCode/>"), NOW)
    assert isinstance(added, ContactAdded)
    assert added.welcome_code is None
    assert added.state == ""


@pytest.mark.parametrize(
    ("change", "by_us"), [("del_external_contact", True), ("del_follow_user", False)]
)
def test_a_friendship_ended(change: str, by_us: bool) -> None:
    gone = callback.read(of_contact(change), NOW)
    assert gone == ContactGone(user="lan", person="wm1", at=AT, by_us=by_us)


def test_what_is_not_for_us_is_named() -> None:
    tag = event("change_external_tag", "create", "<Id>et1</Id>")
    assert callback.read(tag, NOW) == Unknown(event="change_external_tag", change="create")
    text = "<xml><MsgType>text</MsgType><Content>hello</Content></xml>"
    assert callback.read(text, NOW) == Unknown(event="text", change="")
    edited = of_contact("edit_external_contact")
    assert isinstance(callback.read(edited, NOW), Unknown)


@pytest.mark.parametrize(
    "seconds", ["", "0", "-1", "x", "99999999999", "9" * 5000, "1772540000", "٣", "1.5"]
)
def test_an_absurd_time_is_now(seconds: str) -> None:
    xml = of_chat("dismiss").replace(f"{AT.timestamp():.0f}", seconds)
    assert callback.read(xml, NOW) == ChatDismissed(chat="wr1", at=NOW)


@pytest.mark.parametrize("change", ["create", "update", "dismiss"])
def test_a_change_of_no_chat_is_refused(change: str) -> None:
    with pytest.raises(BadCallback, match="<ChatId> is missing"):
        callback.read(event("change_external_chat", change), NOW)


def test_what_is_encrypted_is_found() -> None:
    body = "\n<xml><ToUserName>ww1</ToUserName><Encrypt><![CDATA[ab+/==]]>\n</Encrypt></xml>"
    assert callback.encrypted_of(body.encode()) == "ab+/=="
    assert callback.encrypted_of(b"\xef\xbb\xbf<xml><Encrypt>ab</Encrypt></xml>") == "ab"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "broken"),
        (b"{}", "broken"),
        (b"<xml>", "broken"),
        (b"<xml/>", "<Encrypt> is missing"),
        (b"\xff\xfe<\x00", "UTF-8"),
        (b"<xml>" + b"<a>" * 100_000, "deep"),
        (b"<xml>&unheard;</xml>", "broken"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(BadCallback, match=why):
        callback.encrypted_of(body)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
FILE = '<!ENTITY f SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize(
    "xml",
    [
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><xml><Encrypt>&l11;</Encrypt></xml>',
        f"<!DOCTYPE x [{FILE}]><xml><Encrypt>&f;</Encrypt></xml>",
        '<!DOCTYPE x SYSTEM "http://example.com/x.dtd"><xml><Encrypt>a</Encrypt></xml>',
    ],
)
def test_bombs_and_peepholes_are_refused(xml: str) -> None:
    with pytest.raises(BadCallback, match="DTD"):
        callback.encrypted_of(xml.encode())
    with pytest.raises(BadCallback, match="DTD"):
        callback.read(xml, NOW)
    with pytest.raises(BadCallback, match="DTD"):
        callback.digest(xml)


CAME = ("<JoinScene>3</JoinScene>", changed("<Item>wm1</Item><Item>wm2</Item>"))


@pytest.mark.parametrize(
    "again",
    [
        update("add_member", *CAME),
        update("add_member", *reversed(CAME)),
        update("add_member", *CAME).replace("><", ">\n  <"),
        update("add_member", *CAME).replace("<![CDATA[", "").replace("]]>", ""),
        update("add_member", CAME[0], changed("<![CDATA[wm2,wm1]]>")),
        update("add_member", *CAME, "<WelcomeCode/>", "<AgentID>2000003</AgentID>"),
    ],
)
def test_a_repeat_is_known_however_it_is_written(again: str) -> None:
    assert callback.digest(again) == callback.digest(update("add_member", *CAME))


def test_two_things_in_one_second_are_two() -> None:
    two = of_contact("add_external_contact")
    different = [
        two,
        two.replace("wm1", "wm2"),
        two.replace("lan", "mei"),
        two.replace("add_external", "add_half_external"),
        update("add_member", *CAME),
        update("del_member", *CAME),
        update("add_member", CAME[0], changed("<Item>wm1</Item>")),
        update("add_member", *CAME, "<CurMemVer>2</CurMemVer>"),
        update("add_member", *CAME).replace("wr1", "wr2"),
        update("add_member", *CAME).replace(f"{AT.timestamp():.0f}", "1772452800"),
        event("change_external_tag", "create", "<Id>et1</Id>"),
        event("change_external_tag", "create", "<Id>et2</Id>"),
    ]
    assert len({callback.digest(each) for each in different}) == len(different)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_rubbish_raises_anything_else(text: str) -> None:
    for use in (
        lambda: callback.read(text, NOW),
        lambda: callback.digest(text),
        lambda: callback.encrypted_of(text.encode("utf-8", "surrogatepass")),
    ):
        with pytest.raises(BadCallback):
            use()


NAMES = [
    *("CreateTime", "Event", "ChangeType", "ChatId", "UpdateDetail", "JoinScene", "QuitScene"),
    *("MemChangeList", "MemChangeCnt", "UserID", "ExternalUserID", "Item", "WelcomeCode"),
]
VALUES = [
    *("change_external_chat", "change_external_contact", "update", "create", "add_member", ""),
    *("del_member", "del_follow_user", "add_external_contact", "1", "-7", "9" * 30, "a,b,,", "²"),
]


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> str:
    name, value = draw(st.sampled_from(NAMES)), draw(st.sampled_from(VALUES))
    inside = draw(st.lists(elements(depth + 1), max_size=3)) if depth < 3 else []
    return f"<{name}>{value}{''.join(inside)}</{name}>"


@given(st.lists(elements(), max_size=12), st.randoms(use_true_random=False))
def test_whatever_stands_in_it_has_a_meaning_or_is_refused(inside: list[str], rng: Random) -> None:
    xml = f"<xml>{''.join(inside)}</xml>"
    try:
        change = callback.read(xml, NOW)
    except BadCallback:
        pass
    else:
        at = getattr(change, "at", NOW)
        assert at.utcoffset() is not None
    rng.shuffle(inside)
    assert callback.digest(xml) == callback.digest(f"<xml>{' '.join(inside)}</xml>")
