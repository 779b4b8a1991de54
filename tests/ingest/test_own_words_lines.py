"""Single lines by which clients and people end own words; the lists are tests/mails/own_words/*.txt."""

from pathlib import Path

import pytest

from ingest.own_words import own_words, split_plain

MAILS = Path(__file__).parent.parent / "mails" / "own_words"
OWN = "Reply here.\nIt is done."


def _lines(name: str) -> list[str]:
    return [
        line for line in (MAILS / name).read_text("utf-8").split("\n") if line and not line.startswith("# ")
    ]


def _own(below: str) -> str:
    return own_words(split_plain(f"{OWN}\n\n{below}"))


@pytest.mark.parametrize("attribution", _lines("attributions.txt"))
def test_an_attribution_is_recognised(attribution: str) -> None:
    assert _own(f"{attribution}\n> old\n> text\n") == OWN
    assert _own(f"{attribution}\n\n> old\n\n") == OWN
    assert _own(f"{attribution}\n\nOld text.\n") == OWN


@pytest.mark.parametrize("attribution", _lines("attributions.txt"))
def test_an_attribution_broken_before_its_last_words_is_recognised(attribution: str) -> None:
    words = attribution.split(" ")
    for broken in range(max(1, len(words) - 3), len(words)):
        assert _own(f"{' '.join(words[:broken])}\n{' '.join(words[broken:])}\n\n> old\n") == OWN


@pytest.mark.parametrize("separator", _lines("separators.txt"))
def test_a_separator_ends_the_own_words(separator: str) -> None:
    assert _own(f"{separator}\n\nOld text of theirs.\n") == OWN


@pytest.mark.parametrize("device", _lines("devices.txt"))
def test_a_device_line_is_cut(device: str) -> None:
    assert _own(f"{device}\n") == OWN


@pytest.mark.parametrize("closing", _lines("closings.txt"))
def test_a_closing_with_a_name_is_cut(closing: str) -> None:
    assert _own(f"{closing}\nAnna Weber\n") == OWN
    assert _own(f"{closing}\n\nAnna Weber\nHead of Things\nTel: +44 20 7946 0018\n") == OWN


@pytest.mark.parametrize("rule", ["", "________________________________\n", "-- \nAnna\n\n", "* * *\n"])
@pytest.mark.parametrize("disclaimer", _lines("disclaimers.txt"))
def test_a_disclaimer_is_cut(disclaimer: str, rule: str) -> None:
    assert _own(f"{rule}{disclaimer}\n") == OWN
