"""What an errcode means: for us, and in words for whoever looks after the account.

Only `errcode` decides; `errmsg` may change (doc 90313).
"""

from datetime import timedelta
from enum import StrEnum


class Answer(StrEnum):
    """RENEW: the access token is refused. AGAIN: WeCom is busy. CROWDED: too many calls of this
    kind at the same moment. SLOW_DOWN: a quota is used up. REFUSED: only people can change it, or
    nobody."""

    FINE = "fine"
    RENEW = "renew"
    AGAIN = "again"
    CROWDED = "crowded"
    SLOW_DOWN = "slow_down"
    REFUSED = "refused"


BUSY = -1
_ANSWERS = {
    0: Answer.FINE,
    BUSY: Answer.AGAIN,
    40001: Answer.RENEW,
    40014: Answer.RENEW,
    42001: Answer.RENEW,
    45033: Answer.CROWDED,
    45035: Answer.CROWDED,
    45009: Answer.SLOW_DOWN,
    45036: Answer.SLOW_DOWN,
}
_SHORTLY = timedelta(seconds=2)
_BLOCKED_FOR = {
    45009: timedelta(minutes=1),
    45036: timedelta(hours=1),
}
"""The block lasts as long as the window (doc 90312). Which window it was is not said: after a
minute we are told again if it was the hour's."""
SECRET_REFUSED = frozenset({40001, 40013, 41002, 41004, 45009})
"""From gettoken: to ask again with the same secret bans our address for an hour."""

_WORDS = {
    -1: "WeCom is busy; it is tried again later",
    40001: (
        "the secret or the access token is refused: check the app's Secret and the corp id "
        "(企业ID), and that the app is enabled"
    ),
    40003: "there is no such member of the company (UserID)",
    40007: "the media file is unknown, or older than three days: it must be uploaded again",
    40013: (
        "the corp id is wrong: copy 企业ID from 我的企业 - 企业信息 in the WeCom admin console"
    ),
    40014: "the access token is refused, and so is a new one: check that the app is enabled",
    40050: "there is no such group any more",
    40058: "a parameter is wrong",
    40068: "there is no such tag any more",
    40071: "a tag of that name is there already",
    40096: "there is no such customer (external_userid), or another app's id was used",
    40126: "the company has 10,000 tags, which is all it may have: delete some",
    40144: "too many tags at once",
    40145: "the media file is of the wrong kind",
    40201: "WeCom takes the message for spam: change its text",
    40204: "WeCom takes the message for spam: change its text",
    41001: "the access token is missing: this is an error of ours",
    41002: "the corp id is missing: set it",
    41004: "the app's secret is missing: set it",
    41041: "a contact way has more than 100 members",
    41045: "the company has 500,000 contact ways, which is all it may have: delete some",
    41048: "there is nobody to send it to: no customer or group of this sender can receive it",
    41050: "the welcome code is wrong or older than 20 seconds",
    41051: "she was welcomed already, or they are talking already: nothing is to be done",
    41053: "the customer did not agree to archiving, so she can't be welcomed",
    41055: "the company has 100 group welcome texts, which is all it may have: delete some",
    41058: "this group welcome text was made by another app, and only that may change it",
    41063: "WeCom is still handing this message to its senders: ask again in a few minutes",
    41064: "an attachment is wrong, or there are too many: nine at most",
    41065: "an attachment is wrong",
    41091: "a way into groups leads to five groups at most",
    41093: "this group message was cancelled",
    41094: "its sender was reminded too often: three times in 24 hours at most",
    41095: "there are too many acquisition links: delete some",
    41096: "another app is welcoming her at this moment",
    42001: "the access token has run out, and so has a new one: check this server's clock",
    45009: "a quota is used up: WeCom takes no such call for a while",
    45033: "too many such calls at the same moment: something else calls WeCom for this company",
    45035: "the same thing is being changed by another call at this moment",
    45036: "WeCom finds our calls unusual and limits them: see the admin console",
    48002: (
        "this app may not use the customer API: add it in the WeCom admin console under "
        "客户联系 - 可调用接口的应用, and use the Secret of that app, not the one of 客户联系"
    ),
    49008: "the group was dissolved",
    50100: "the list changed while it was read: it must be read from its beginning",
    60011: "the app may not touch this member: widen its visible range (可见范围)",
    60020: (
        "this server's address is not trusted: add it to the app's trusted IPs (企业可信IP) in "
        "the WeCom admin console; it takes effect after a minute"
    ),
    60111: "there is no such member of the company (UserID)",
    81011: "the app has no right to change this tag: only who made it may",
    81013: "none of the receivers is in the app's visible range (可见范围)",
    81017: (
        "more than 1,000 members are in the app's visible range, so groups can only be listed by "
        "owner: name the group owners, or narrow the range (可见范围)"
    ),
    84061: (
        "there is no contact between this member and this customer: she must be added as a "
        "friend first, being in the same group is not enough"
    ),
    86003: "this is no group of the app's own",
    86008: "this group was made by another app",
    86214: "the kind of attachment is wrong",
    90500: "the group's owner is still with the company",
    90501: "this is no customer group",
    90502: "the group's owner has left the company: pass the group on first",
    90503: "the group is full",
    90504: "the new owner is the owner already",
    90507: "the group is being passed on to a new owner",
    90508: "the group was passed on to a new owner already",
    90509: "this is no customer group of WeCom's",
    90511: "the group id of the mini program (opengid) is wrong",
    92002: "the group was not made by this company",
    301042: "this server's address is not trusted for the archive (会话内容存档): add it there",
    301052: "the message archive (会话内容存档) has run out: renew it, or go on without it",
    301053: "the message archive (会话内容存档) is not switched on",
    301059: "this is no internal group",
    301060: "more than 100 at once",
}


def meaning(errcode: int) -> Answer:
    return _ANSWERS.get(errcode, Answer.REFUSED)


def pause(errcode: int) -> timedelta:
    """How long such calls are to be left off."""
    return _BLOCKED_FOR.get(errcode, _SHORTLY)


def in_words(errcode: int, errmsg: str) -> str:
    """For an admin: what is wrong and what to do, and the code to look up (doc 90313)."""
    said = " ".join(errmsg.split())[:200]
    words = _WORDS.get(errcode)
    if words is None:
        return f"WeCom answered {errcode}: {said}" if said else f"WeCom answered {errcode}"
    return f"{words} (WeCom's errcode {errcode})"
