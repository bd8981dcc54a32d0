"""Posters are drawn once, one at a time, and not for a crowd without end."""

import asyncio

from bot.posters.render import Poster, render
from bot.posters.studio import Studio, StudioBusy
from models.entry import Template


def poster(number: int) -> Poster:
    link = f"https://q.example.com/j/{number}"
    return Poster(template=Template.SHOP, link=link, channel="妇幼")


async def test_who_asks_at_the_same_time_gets_the_same_picture() -> None:
    studio = Studio()
    one, other, third = await asyncio.gather(
        studio.poster(poster(1)), studio.poster(poster(1)), studio.poster(poster(2))
    )
    assert one is other
    assert one == render(poster(1))
    assert third == render(poster(2))
    assert await studio.poster(poster(1)) is one


async def test_only_so_many_are_kept_those_that_were_asked_for_lately() -> None:
    studio = Studio(kept=2)
    first, second = await studio.poster(poster(1)), await studio.poster(poster(2))
    assert await studio.poster(poster(1)) is first
    await studio.poster(poster(3))
    assert await studio.poster(poster(1)) is first
    again = await studio.poster(poster(2))
    assert again == second
    assert again is not second


async def test_a_crowd_is_turned_away_and_the_next_one_served() -> None:
    studio = Studio(most_waiting=2)
    wanted = [asyncio.create_task(studio.poster(poster(number))) for number in range(4)]
    answers = await asyncio.gather(*wanted, return_exceptions=True)
    assert [isinstance(each, StudioBusy) for each in answers] == [False, False, True, True]
    assert await studio.poster(poster(3))
