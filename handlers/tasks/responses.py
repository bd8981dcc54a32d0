"""Whether what a member says responds to a task: forgivingly, but not gullibly.

It does where she says nothing but the keyword, or where the keyword stands in a short message in
which she neither denies it, nor asks, nor talks about it or about others.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

SPARE = 12
"""Characters that a short message may have beside the keyword."""

LOOKED_AT = 300
"""Characters of a message; by then she has said it."""

_MENTION = re.compile(r"@\S{1,40}(?=\s|$)")
_STICKER = re.compile(r"\[[^\[\]\s]{1,8}\]")
"""`[微笑]`: how WeChat's own faces reach us."""
_DRAWN_ALIKE = str.maketrans("己巳", "已已")

_SIGNS = re.escape(",，。.!;?、:()~…|#\n")
_QUOTES = re.escape("「」『』“”‘’\"'《》【】")
_DIVIDED = re.compile(f"[{_SIGNS}]")


def folded(text: str) -> str:
    """What is compared: letters, digits and characters, without width, case, spaces, punctuation
    and emoji."""
    return _letters(_plain(text))


def says_something(text: str) -> bool:
    """More than a face or a sign, and more than somebody's name."""
    return bool(folded(text))


def has_keyword(text: str, keyword: str) -> bool:
    """Whether she says of herself what the keyword says."""
    wanted, plain = folded(keyword), _plain(text[:LOOKED_AT])
    said = _letters(plain)
    if not wanted or wanted not in said:
        return False
    places = list(_places(plain, wanted))
    if not said.replace(wanted, ""):
        return "?" in _plain(keyword) or not any(each.is_asked for each in places)
    if len(wanted) == 1:
        # `好`, `到` and `1` are in every second message.
        return bool(re.fullmatch(rf"(?:我[也来]?)?{wanted}+{_PARTICLES}", said))
    if _ABOUT_IT.search(plain):
        return False
    is_short = len(said) <= len(wanted) + SPARE
    return any(each.is_claim for each in places if is_short or each.opens)


def _plain(text: str) -> str:
    text = _STICKER.sub(" ", _MENTION.sub(" ", unicodedata.normalize("NFKC", text)))
    return text.casefold().translate(_DRAWN_ALIKE).strip()


def _letters(plain: str) -> str:
    return "".join(each for each in plain if each.isalnum())


# Where the keyword stands


@dataclass(frozen=True, slots=True)
class _Place:
    """The keyword within its sentence. `earlier` are the words before the one that it is part of,
    `before` and `after` the rest of that one. `opens`: the message begins with the keyword, as
    with a heading."""

    earlier: str
    before: str
    after: str
    is_asked: bool
    opens: bool

    @property
    def is_claim(self) -> bool:
        return not (self.is_asked or self._is_cited or self._is_denied)

    @property
    def _is_cited(self) -> bool:
        quoted = re.fullmatch(f"[{_QUOTES}]{{2}}", self.before[-1:] + self.after[:1])
        return bool(quoted or _NAMED_BEFORE.search(self.before) or _NAMED_AFTER.match(self.after))

    @property
    def _is_denied(self) -> bool:
        if _NOT_DONE_AFTER.match(self.after) or _NOT_DONE.search(self.before):
            return True
        # `还没 打卡`, but not `没事 打卡`.
        earlier = "" if self.before else self.earlier
        return any(found.end() == len(earlier) for found in _NOT_DONE.finditer(earlier))


def _places(plain: str, wanted: str) -> Iterator[_Place]:
    """A part of a longer Latin word or number (`ok` in `book`) is no place of the keyword, nor is
    what goes over the end of a sentence."""
    spots = [spot for spot, each in enumerate(plain) if each.isalnum()]
    said = "".join(plain[spot] for spot in spots)
    at = said.find(wanted)
    while at >= 0:
        start, end = spots[at], spots[at + len(wanted) - 1] + 1
        is_torn = _is_joined(plain, start) or _is_joined(plain, end)
        if not is_torn and not _DIVIDED.search(plain[start:end]):
            yield _place(plain, start, end)
        at = said.find(wanted, at + 1)


def _is_joined(plain: str, at: int) -> bool:
    return 0 < at < len(plain) and all(
        each.isascii() and each.isalnum() for each in plain[at - 1 : at + 1]
    )


def _place(plain: str, start: int, end: int) -> _Place:
    sentence_before = _DIVIDED.split(plain[:start])[-1]
    sentence_after = _DIVIDED.split(plain[end:])[0]
    stop = re.match(rf"\s*[{_SIGNS}]*", plain[end + len(sentence_after) :])
    before = re.split(r"\s", sentence_before)[-1]
    after = _HARMLESS.sub("", re.split(r"\s", sentence_after)[0])
    is_asked = _ASKED.search(after) or _ASKED_APART.match(sentence_after)
    return _Place(
        earlier=_HARMLESS.sub("", sentence_before.removesuffix(before).rstrip()),
        before=_HARMLESS.sub("", before),
        after=after,
        is_asked=bool(is_asked) or (stop is not None and "?" in stop[0]),
        opens=not _letters(plain[:start]) and bool(_HEADING_GOES_ON.fullmatch(_letters(after))),
    )


# The words around it

_PARTICLES = "[了啦咯喽呀啊哦哟噢喔哈哒的嗯呢嘞耶]*"
_HEADING_GOES_ON = re.compile(rf"(?:第?[0-9一二三四五六七八九十百]*[天次]?|day[0-9]*){_PARTICLES}")

_TO_ALL = "(?:大家|姐妹们?|妈妈们|宝妈们|各位)"
_HARMLESS = re.compile(
    "没(?:问题|事|关系|错)|不(?:错|少|难|客气|好意思|用谢|愧|久|只|仅|光|过|知不觉)|差不多"
    "|差点儿?就?(?:忘|没)[了记]?|不得不|[特分告级性区个]别|未来|难忘"
    rf"|{_TO_ALL}(?:[好早]|(?=我))|[跟和随]着?(?:{_TO_ALL}|你们)"
)
"""Negations that deny nothing, and addresses that send nobody to do it."""

_NOT_DONE = re.compile(
    # Denied,
    "(?:没|未|不|别|勿|无法|忘|来不及|拒绝|取消|懒得)(?:有|想|能|去|来|了|记|要|会)*"
    # meant for later, or under a condition,
    "|等会儿?|等一?下|待会儿?|一会儿?|晚点|稍后|回头|改天|下次|明[天早晚]|后天|准备|打算|马上|就来"
    r"|如果|要是|万一|再(?=\s*$)"
    # or asked, or asked of others.
    "|大家|姐妹|妈妈们|宝妈们|你们|各位|谁|记得|快[来去]|提醒|怎么|如何|哪|什么|啥|几点|为何|咋|多久"
    r"|(?:可以|还?能|需要|必须|请)(?=\s*$)"
)
_NOT_DONE_AFTER = re.compile("了?(?:没|未|不|失败|取消)")
_ASKED = re.compile(
    "吗|(?<![什怎这那要多])么$|没有?$|否$|怎么|什么|啥|哪|几点|几分|多少|谁|如何|咋"
)
_ASKED_APART = re.compile(r"\s+了?(?:吗|么|没有?)(?:\s|$)")

_NAMED_BEFORE = re.compile(
    "(?:口令|关键[词字]|暗号|[这那]个|所谓|叫|[他她你谁公婆妈们]说"
    "|(?:^|要|请|得|就|直接|都|可以|是|只|先|群里|这里|快)"
    "(?:发送?|回复?|输入|写|敲|扣|打|填)(?:上|个|一?下)?)"
    rf"[{_QUOTES}]*$"
)
_NAMED_AFTER = re.compile(
    rf"[{_QUOTES}]*(?:就行|就可以|就好|就能|即可|是|的(?:人|妈妈|姐妹|宝妈|那|意思|方式|时候|话)"
    "|任务(?!.{0,3}完成)|活动|时间|规则|群|有分|可以|能(?=[加得拿]))"
)
"""The keyword is talked about."""

_ABOUT_IT = re.compile(
    "关键[词字]|什么意思|[是干](?:啥|什么|嘛)|(?:怎么|咋|如何)个?[弄打发参做算写回操搞]"
)
