"""What a template comes to say, in which groups, and what is wrong with it, in Chinese. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.console import reasons, wording

USES = {
    "names": "新来的妈妈们",
    "city": "城市",
    "window": "月龄段",
    "stage": "孕期还是产后",
    "monitor": "班长的名字",
    "example": "群昵称的例子",
    "awards": "谁得了几分，一人一行",
}
"""What templates may use."""
EVERY_GROUP = "所有群都这样说"
IN_GROUP = "在这个群里"
STAGE = "stage"
LONGEST_LINE = 30
_PROBLEMS = (
    (r"there is no '(.+?)'", "没有「{0}」这个词，能用的在下面"),
    (r"'(.+?)' is undefined", "没有「{0}」这个词，能用的在下面"),
    (r"(\S+) is not for templates, only if and else", "这里只能写 if 和 else，不能写别的"),
    (r"(.+) is not a text", '只能和文字比，例如 stage == "prenatal"'),
    (r"texts are compared with", "文字只能用 ==、!= 或 in 来比"),
    (r"what is it without an else", "写了 if 还要写 else：不是的时候说什么"),
    (r"renders to nothing", "有的群里会什么都不说，总要说一句"),
    (r"longer than (\d+) characters", "说出来太长，最多 {0} 个字"),
    (r"at most (\d+) lines", "最多 {0} 行，刚进群的人看不了更多"),
    (r"a character that can't be shown", "有一个显示不出来的字符，删掉重打"),
    (r"Unexpected end of template|unexpected end of", "没写完：{{% if %}} 后面要有 {{% endif %}}"),
    (r"unexpected '(.+?)'", "「{0}」写在这里不对"),
    (r"expected token '(.+?)', got '(.+?)'", "这里要写「{0}」，写成了「{1}」"),
    (r"Encountered unknown tag '(.+?)'", "没有「{0}」这个写法，只能写 if、else、endif"),
)
_OTHERWISE = "这样写不行"


@dataclass(frozen=True, slots=True)
class Said:
    """The same words in all the groups that are named."""

    where: str
    words: str


def said(tried: Mapping[str, Any]) -> list[Said]:
    """Each wording once, and first what is said in the group that was asked for."""
    found: dict[str, list[str]] = {}
    for each in tried["variants"]:
        found.setdefault(each["says"], []).append(kind_of_group(each["values"]))
    told = [Said("；".join(kinds), words) for words, kinds in found.items()]
    if len(told) == 1:
        told = [Said(EVERY_GROUP, told[0].words)]
    here = tried["in_group"]
    return [Said(IN_GROUP, here), *told] if here is not None else told


def kind_of_group(values: Mapping[str, str]) -> str:
    """`孕期，有班长`, `产后，没班长，不知道城市`"""
    if STAGE not in values:
        return EVERY_GROUP
    parts = [wording.STAGES[values[STAGE]], "有班长" if values["monitor"] else "没班长"]
    return "，".join(parts if values["city"] else [*parts, "不知道城市"])


def fault(problem: str, line: int | None, template: str) -> str:
    """`第 2 行「{{ citi }}欢迎」：没有「citi」这个词，能用的在下面`"""
    why = reasons.fitting(_PROBLEMS, problem) or _OTHERWISE
    return f"{_place(line, template.split(chr(10)))}{why}"


def _place(line: int | None, lines: Sequence[str]) -> str:
    if line is None or not 0 < line <= len(lines):
        return ""
    text = lines[line - 1].strip()
    words = text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"
    return f"第 {line} 行「{words}」：" if words else f"第 {line} 行："
