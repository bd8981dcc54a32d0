"""Group names by the naming rule: written from a group's facts, and read back forgivingly."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from config.naming import check_template, pieces
from models.cohort import MONTHS, BirthWindow

LONGEST_NAME = 200  # far beyond what a platform shows; also bounds the work of reading

_SEPARATORS = r"\s\-‐‑‒–—―−·•‧∙⋅・._|│/\\、,:;~〜+"
_SEPARATOR = f"[{_SEPARATORS}]"
_WORDS = f"[^{_SEPARATORS}](?:.*?[^{_SEPARATORS}])?"
_RANGE = r" ?(?:[-‐‑‒–—―−~〜_/.]{1,2}|[至到]) ?"
_YEAR = r"(?:[0-9]{4}|[0-9]{2}) ?年 ?"
_WINDOW = rf"{_YEAR}[0-9]{{1,2}} ?月?{_RANGE}(?:{_YEAR})?[0-9]{{1,2}} ?月(?:份)?"
_PATTERNS = {
    "city": f"(?P<city>{_WORDS})",
    "window": f"(?P<window>{_WINDOW})",
    "channel": f"(?P<channel>{_WORDS})",
    "seq": "第?(?P<seq>[0-9]{1,6})(?: ?号? ?群)?",
}
_TEXT_FIELDS = ("city", "channel")
_GROUP = "群"


@dataclass(frozen=True, slots=True)
class GroupName:
    city: str
    window: BirthWindow
    channel: str
    seq: int


@dataclass(frozen=True, slots=True)
class Misnamed:
    reason: str


def write(group: GroupName, template: str) -> str:
    return template.format(
        city=group.city,
        window=group.window.label,
        channel=group.channel,
        seq=f"{group.seq:02}",
    )


def carried(group: GroupName, template: str, first_month: int) -> str | None:
    """Its name, where it would be read back as this very group. A city, channel or window that
    the template can't keep apart from the rest has none."""
    name = write(group, template)
    return name if parse(name, template, first_month) == group else None


def stem(group: GroupName, template: str, first_month: int) -> str | None:
    """What its name begins with, up to the number, for a platform that appends the bare number by
    itself; None where the name that comes of it would not be read back as this very group."""
    head = template.rpartition("{seq}")[0]
    begun = head.format(city=group.city, window=group.window.label, channel=group.channel)
    is_read_back = parse(f"{begun}{group.seq}", template, first_month) == group
    return begun if is_read_back else None


def parse(name: str, template: str, first_month: int) -> GroupName | Misnamed:
    """`first_month` is a month in which a window starts, as in BirthWindow.tiles."""
    text = _readable(name)
    if len(text) > LONGEST_NAME:
        return Misnamed(f"the name is longer than {LONGEST_NAME} characters")
    if not re.search(_WINDOW, text):
        return Misnamed("the name has no birth window such as 2026年3-5月")
    found = _pattern(template).fullmatch(text)
    if not found:
        return Misnamed(f"the name is not written as {template}")
    window = _window(found["window"], first_month)
    if isinstance(window, Misnamed):
        return window
    if int(found["seq"]) == 0:
        return Misnamed("groups are numbered from 1")
    return GroupName(found["city"], window, found["channel"], int(found["seq"]))


def _readable(name: str) -> str:
    # Cut first: normalising a very long run of combining marks takes quadratic time.
    folded = unicodedata.normalize("NFKC", name[: LONGEST_NAME + 1])
    return "".join(char for char in folded if unicodedata.category(char) not in ("Cf", "Cs"))


def _window(text: str, first_month: int) -> BirthWindow | Misnamed:
    year, first, *years_between, last = map(int, re.findall("[0-9]+", text))
    if not (1 <= first <= 12 and 1 <= last <= 12 and (last - first) % 12 == MONTHS - 1):
        return Misnamed(f"{text} is not three months in a row")
    try:
        window = BirthWindow(_century(year), first)
    except ValueError as error:
        return Misnamed(str(error))
    if any(_century(later) != window.last_day.year for later in years_between):
        return Misnamed(f"{text} is not three months in a row")
    return window if window.tiles(first_month) else Misnamed(_untiled(text, first_month))


def _century(year: int) -> int:
    return year + 2000 if year < 100 else year


def _untiled(text: str, first_month: int) -> str:
    starts = sorted((first_month - 1 + step) % 12 + 1 for step in range(0, 12, MONTHS))
    return f"{text} is no window of the calendar: windows start in months {starts}"


@lru_cache(maxsize=64)
def _pattern(template: str) -> re.Pattern[str]:
    check_template(template)
    texts, fields = pieces(template)
    head, *between, tail = texts
    ending = _words(tail)
    if fields[-1] not in _TEXT_FIELDS:
        ending = _words(tail.removesuffix(_GROUP)) + f"(?:{_SEPARATOR}*+{_GROUP})?"
    spelled = _words(head) + _PATTERNS[fields[0]]
    for text, field in zip(between, fields[1:], strict=True):
        spelled += _between(text) + _PATTERNS[field]
    return re.compile(f"{_SEPARATOR}*+{spelled}{ending}{_SEPARATOR}*+", re.IGNORECASE)


def _between(text: str) -> str:
    """Any separators stand for any others; words stay, with separators around or not."""
    return _words(text) or f"{_SEPARATOR}++"


def _words(text: str) -> str:
    words = re.findall(f"[^{_SEPARATORS}]+", _readable(text))
    around = f"{_SEPARATOR}*+"
    return around + around.join(map(re.escape, words)) + around if words else ""
