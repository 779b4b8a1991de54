"""Own words of invented mails in all languages and clients; the mails are in tests/mails/own_words/."""

import tomllib
from pathlib import Path

import pytest

from ingest.own_words import own_words, split_html, split_plain

MAILS = Path(__file__).parent.parent / "mails" / "own_words"


def _cases() -> list[object]:
    found: list[object] = []
    for path in sorted(MAILS.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


def _read(case: dict[str, str]) -> str:
    return own_words(split_html(case["html"]) if "html" in case else split_plain(case["text"]))


@pytest.mark.parametrize("case", _cases())
def test_the_own_words_of_a_mail_are_found(case: dict[str, str]) -> None:
    assert _read(case).strip() == case["own"].strip()
