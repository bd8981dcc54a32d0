"""How long a poster takes that nobody has asked for before: `python -m tests.bench.posters`.

Each is another code's, with a headline of its own, as large as they come. `first` is what a
process takes for the first of each template.
"""

import time
from pathlib import Path
from statistics import median, quantiles

from bot.posters.render import Poster, render
from models.entry import Template

POSTERS = 150
HEADLINE = "产后第一年的睡眠、喂养和情绪，同月龄的妈妈们一起慢慢聊，也有医生来答疑"


def draw(count: int) -> tuple[list[float], int]:
    """Seconds of each, and the bytes of the largest."""
    seconds, largest = [], 0
    for number in range(count):
        poster = Poster(
            template=list(Template)[number % len(Template)],
            link=f"https://q.example.com/j/{number:010}",
            channel="妇幼",
            city="杭州",
            headline=HEADLINE[: 6 + number % len(HEADLINE)],
            referrer=f"林护士{number}",
        )
        begun = time.perf_counter()
        largest = max(largest, len(render(poster)))
        seconds.append(time.perf_counter() - begun)
    return seconds, largest


def resident() -> tuple[int, int]:
    """MB of this process's own, and of files that it shares with whoever else has them open."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["RssAnon"].split()[0]) // 1024, int(lines["RssFile"].split()[0]) // 1024


def main() -> None:
    own, shared = resident()
    first, _ = draw(len(Template))
    used = time.process_time()
    seconds, largest = draw(POSTERS)
    used = time.process_time() - used
    own_after, shared_after = resident()
    print(
        f"a poster: {median(seconds) * 1000:.0f} ms, {used / POSTERS * 1000:.0f} ms of a core;"
        f" 19 of 20 within {quantiles(seconds, n=20)[-1] * 1000:.0f} ms,"
        f" at most {max(seconds) * 1000:.0f} ms and {largest // 1024} KB; first: {first[0]:.1f} s"
    )
    print(f"memory: {own_after - own} MB, and {shared_after - shared} MB of the font's file")


if __name__ == "__main__":
    main()
