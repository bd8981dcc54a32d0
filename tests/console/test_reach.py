"""Buttons are for those who may use them."""

from bot.console.reach import covers, only_channel

ADMIN = {"role": "admin", "scopes": []}
VIEWER = {"role": "viewer", "scopes": []}
LEAD = {"role": "operator", "scopes": ["channel:妇幼", "group:g9"]}


def test_admins_may_everything_and_viewers_nothing() -> None:
    assert covers(ADMIN, "g1", None)
    assert not covers(VIEWER, "g1", "妇幼")


def test_operators_may_in_their_channels_and_groups() -> None:
    assert covers(LEAD, "g1", "妇幼")
    assert covers(LEAD, "g9", "社区")
    assert not covers(LEAD, "g1", "社区")
    assert not covers(LEAD, "g1", None)


def test_who_has_one_channel_begins_there() -> None:
    assert only_channel({"role": "operator", "scopes": ["channel:妇幼"]}) == "妇幼"
    assert only_channel(LEAD) == only_channel(ADMIN) == ""
    assert only_channel({"role": "operator", "scopes": ["group:g1"]}) == ""
