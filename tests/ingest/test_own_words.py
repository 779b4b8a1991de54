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
    author = case.get("author", "")
    html = case.get("html")
    return own_words(
        split_plain(case["text"], author=author) if html is None else split_html(html, author=author)
    )


@pytest.mark.parametrize("case", _cases())
def test_the_own_words_of_a_mail_are_found(case: dict[str, str]) -> None:
    assert _read(case).strip("\n") == case["own"].strip("\n")


BODIES = (
    "Yes.",
    "Merci !",
    "Please find my remarks:\n\n- first\n- second\n\nAnything else?",
    "Sum:\n\nA | 1\nB | 2",
    "Run:\n\n    $ make test\n    ok",
    "Nein, leider nicht.\nVielleicht am 05.01.2024 um 10:00?",
    "See https://harbour.example/a and call +44 20 7946 0018.",
)


def _tails() -> list[str]:
    """What follows the own words in each sample that begins with them."""
    cases = [
        case
        for path in sorted(MAILS.glob("*.toml"))
        for case in tomllib.loads(path.read_text("utf-8"))["case"]
    ]
    unnamed = [case for case in cases if "text" in case and "author" not in case]
    texts = [(case["text"].strip(), case["own"].strip()) for case in unnamed]
    return [text[len(own) :] for text, own in texts if own and text.startswith(own) and text != own]


@pytest.mark.parametrize("body", BODIES)
def test_any_text_is_kept_above_what_any_client_adds(body: str) -> None:
    lost = [tail for tail in _tails() if own_words(split_plain(body + tail)) != body]

    assert lost == []
