"""What makes a template: its words, its colours, its picture."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.posters.shapes import Canvas


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`headline` is said where a code has none of its own, `promise` in any case: what one gets.

    `ink` is the colour of text, `accent` of what stands out, `on_tag` of text upon the accent.
    The text begins at `top`; `scene` paints everything behind it and behind the card.
    """

    headline: str
    promise: str
    paper: str
    ink: str
    accent: str
    on_tag: str
    top: int
    scene: Callable[[Canvas], None]
