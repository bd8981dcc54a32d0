"""`python -m tests.posters.pictures`: the posters in docs/screenshots."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from bot.posters.render import Poster, render
from models.entry import Template

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "screenshots"
SHOWN = {
    Template.MOTHER: ("妇幼", "小雨妈妈"),
    Template.HOSPITAL: ("妇幼", "林护士"),
    Template.SHOP: ("母婴店", "王阿姨"),
}


def main() -> None:
    for template, (channel, referrer) in SHOWN.items():
        poster = Poster(
            template=template,
            link="https://q.example.com/j/k7m2pq9xwd",
            channel=channel,
            city="杭州",
            referrer=referrer,
            is_from_member=template is Template.MOTHER,
        )
        with Image.open(BytesIO(render(poster))) as picture:
            small = picture.resize((360, 640), Image.Resampling.LANCZOS)
        small.save(FOLDER / f"poster-{template}.png", optimize=True)


if __name__ == "__main__":
    main()
