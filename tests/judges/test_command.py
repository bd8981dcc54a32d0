"""`python -m bot judge` measures the judges on labelled messages."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.judging import BadLabels, judge_answers, judge_questions

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "judge", *words],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def test_questions_are_measured_by_command(tmp_path: Path) -> None:
    file = tmp_path / "labelled.tsv"
    rows = ["label\ttext\tsource", "1\t宝宝发烧怎么办呀？\ta/1", "0\t今天天气真好\tb/2"]
    file.write_text("\n".join([*rows, "1\t哈哈哈哈\tb/3"]) + "\n", encoding="utf-8")
    done = run("questions", str(file))
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    assert (figures["precision"], figures["recall"]) == (1.0, 0.5)
    assert figures["counts"] == {"right": 1, "wrong": 0, "missed": 1, "messages": 3}
    assert figures["by_source"]["b"]["precision"] is None


def test_answers_are_measured_with_our_questions_and_with_the_given_ones(tmp_path: Path) -> None:
    said = [("a", "宝宝发烧38度5要不要吃药？", True, []), ("b", "38度5以上就要吃药了", False, [0])]
    messages = [
        {"i": i, "speaker": speaker, "text": text, "is_question": asks, "reply_to": to}
        for i, (speaker, text, asks, to) in enumerate(said)
    ]
    file = tmp_path / "talk.jsonl"
    line = {"id": "own-1", "domain": "x", "messages": messages}
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    done = run("answers", str(file))
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    right = {"right": 1, "wrong": 0, "missed": 0}
    assert figures["counts"] == right | {"conversations": 1, "messages": 2}
    assert figures["gold_questions"]["recall"] == 1.0


@pytest.mark.parametrize(
    ("lines", "where"),
    [(["1\ta", "2\tb"], "line 2: "), (["1\ta", "1"], "line 2: ")],
)
def test_a_bad_label_is_told_by_its_line(lines: list[str], where: str) -> None:
    with pytest.raises(BadLabels, match=where):
        judge_questions(lines)


@pytest.mark.parametrize("line", ["{", "[]", '{"messages": [{"i": 0}]}'])
def test_a_bad_conversation_is_told_by_its_line(line: str) -> None:
    with pytest.raises(BadLabels, match="line 1: "):
        judge_answers([line])


def test_on_the_command_line_too(tmp_path: Path) -> None:
    file = tmp_path / "bad.tsv"
    file.write_text("1\ta\nyes\tb\n", encoding="utf-8")
    done = run("questions", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("line 2: ")
    file.write_bytes("1\t好".encode("gb18030"))
    assert run("questions", str(file)).returncode == 2
