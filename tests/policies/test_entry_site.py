"""Where the public pages are: an address that a link can be made of."""

import pytest
from pydantic import ValidationError

from config.rules import EntryRules


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("https://q.example.com", "https://q.example.com"),
        ("https://q.example.com/", "https://q.example.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_it_is_kept_without_the_slash_at_its_end(given: str, kept: str) -> None:
    assert EntryRules(site=given).site == kept


@pytest.mark.parametrize(
    "given",
    [
        *("q.example.com", "ftp://q.example.com", "https://", "https://q.example.com/群"),
        *("https://q.example.com?a=b", "https://a@q.example.com", "https://q.example .com"),
        *("https://q.example.com:0", "https://q.example.com:65536", "https://q.example.com:x"),
    ],
)
def test_what_is_no_such_address_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        EntryRules(site=given)
