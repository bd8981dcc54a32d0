"""Links in what is posted become short ones of ours, so that it shows who follows them."""

import re
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urlsplit

from handlers.context import Context
from models.content import Post
from models.messages import Attachment

MOST = 8
"""Links of one post; more of them is a list that nobody follows one by one."""
LONGEST = 2_000
"""Bytes; longer ones stay as they are."""
_LINK = re.compile(r"(?<![0-9A-Za-z])https?://[!#-;=?-_a-z|~]+", re.IGNORECASE)
"""As far as WeChat makes a link of it: no space, quote, bracket or Chinese character is part."""
_AFTER = ".,;:!?'"
"""At its end these belong to the sentence."""


async def shorten(
    text: str, attachment: Attachment | None, post: Post, ctx: Context
) -> tuple[str, Attachment | None]:
    """What the post says, with short links: the same ones however often it is asked for. As it
    is where `entry.site` is not set."""
    site = ctx.rules.entry.site
    targets = [each for each in _targets(text, attachment) if _can_lead(each, site)][:MOST]
    if not site or not targets:
        return text, attachment
    made = await ctx.facts.short_links.of_post(post)
    for target in targets:
        if target not in made:
            made[target] = ctx.facts.short_links.make(target, post, ctx.now)
    return _with({each: f"{site}/s/{made[each].slug}" for each in targets}, text, attachment)


async def as_shortened(text: str, post: Post, ctx: Context) -> str:
    """What it said when it was shortened, if it was."""
    if not ctx.rules.entry.site:
        return text
    made = await ctx.facts.short_links.of_post(post)
    site = ctx.rules.entry.site
    worded, _ = _with({each: f"{site}/s/{link.slug}" for each, link in made.items()}, text, None)
    return worded


def _targets(text: str, attachment: Attachment | None) -> Collection[str]:
    """Each once, the card's first."""
    card = [attachment.link] if attachment and attachment.link else []
    return dict.fromkeys([*card, *(_end(each[0]) for each in _LINK.finditer(text))])


def _end(link: str) -> str:
    """Without what belongs to the sentence around it."""
    bare = link.rstrip(_AFTER)
    while bare.endswith(")") and bare.count(")") > bare.count("("):
        bare = bare[:-1].rstrip(_AFTER)
    return bare


def _can_lead(target: str, site: str) -> bool:
    """Whether it leads somewhere else, by HTTP."""
    if len(target.encode()) > LONGEST or not target.isprintable():
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    is_ours = bool(site) and f"{target}/".startswith(f"{site}/")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not is_ours


def _with(
    short: dict[str, str], text: str, attachment: Attachment | None
) -> tuple[str, Attachment | None]:
    def replaced(found: re.Match[str]) -> str:
        link = _end(found[0])
        return short.get(link, link) + found[0][len(link) :]

    if attachment and attachment.link in short:
        attachment = replace(attachment, link=short[attachment.link])
    return _LINK.sub(replaced, text), attachment
