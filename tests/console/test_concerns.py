"""Each thing that groups need somebody for has something that helps."""

from bot.console.concerns import HELP, OTHERWISE, help_for, page_of
from models.growth import Concern


def test_something_helps_with_every_concern() -> None:
    assert set(HELP) == {str(each) for each in Concern}


def test_it_leads_to_the_group_whatever_its_id() -> None:
    assert page_of("R:1@chat/room") == "/console/groups/R%3A1%40chat%2Froom"
    title, where = help_for("at_risk", "a/b")
    assert (title, where) == ("看增长和进群方式", "/console/groups/a%2Fb?open=way")
    assert help_for("unapproved", "a&b")[1] == "/console/calendar?group=a%26b"
    assert help_for("deaf", "g1")[1] == "/console/accounts"


def test_what_is_new_leads_to_the_group() -> None:
    assert help_for("hunger", "g1") == (OTHERWISE[0], "/console/groups/g1")
