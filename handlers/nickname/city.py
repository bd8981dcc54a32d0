"""Where a nickname says the city."""

import re
from functools import lru_cache

from handlers.nickname.spelling import MARK, SEPARATOR, parts, readable
from models.places import CITIES, PROVINCES

# A municipality is no prefix of another city; 吉林 is both a province and one of its cities.
_PREFIXES = [place for place in PROVINCES if place not in CITIES or place == "吉林"]
_PROVINCE = (
    rf"(?:(?:{'|'.join(_PREFIXES)})(?:省|(?:壮族|回族|维吾尔)?自治区)?"
    rf"(?:(?!{MARK}){SEPARATOR})*)?"
)
_DISTRICT = r"(?:[^\W\d_孕]{1,3}[区县])?"
_LISTED = re.compile(
    rf"{_PROVINCE}(?:{'|'.join(sorted(CITIES, key=len, reverse=True))})(?:市|地区|盟|自治州|州)?"
    + _DISTRICT
)
_UNLISTED = re.compile(r"[\u4e00-\u9fff]{2,}")


def own_city(text: str, city: str) -> re.Match[str] | None:
    """The group's own city, anywhere: rather a whole part than a piece of one."""
    found = list(_pattern(city).finditer(text))
    whole = (match for match in found if _is_whole(text, match))
    return next(whole, found[0] if found else None)


def listed_city(text: str) -> re.Match[str] | None:
    """A whole part that is a known city."""
    return next((found for found in _LISTED.finditer(text) if _is_whole(text, found)), None)


def any_city(text: str) -> re.Match[str] | None:
    """For a group whose city we don't know.

    A known city, also as a piece of a part; else, if two parts or more are left, the first that
    could be a place: county towns are not on our list and the second part is then the name.
    """
    listed = listed_city(text) or _LISTED.search(text)
    if listed:
        return listed
    left = list(parts(text))
    places = (part for part in left if _UNLISTED.fullmatch(part.group()))
    return next(places, None) if len(left) > 1 else None


@lru_cache(maxsize=1024)
def _pattern(city: str) -> re.Pattern[str]:
    bare = readable(city)
    stem = bare.removesuffix("市") if len(bare) > 2 else bare
    return re.compile(rf"{_PROVINCE}{re.escape(stem)}市?{_DISTRICT}", re.IGNORECASE)


def _is_whole(text: str, found: re.Match[str]) -> bool:
    before, after = text[: found.start()][-1:], text[found.end() :][:1]
    return all(not edge or re.match(SEPARATOR, edge) for edge in (before, after))
