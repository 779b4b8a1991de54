"""Both languages are whole, and dates read as people write them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from web import language

WEB = Path(language.__file__).parent
MONTREAL = ZoneInfo("America/Toronto")
MOMENT = datetime(2026, 3, 9, 18, 5, tzinfo=UTC)
PLACEHOLDERS = ("%(num)s", "%(name)s", "%(title)s", "%(people)s", "%(minutes)s", "%(audience)s", "%(space)s")


def messages_in_use() -> set[str]:
    """Every message of templates and code; of those with a plural, the singular."""
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    options = {"**/templates/**.html": {"newstyle_gettext": "true"}}
    templates = extract_from_dir(
        str(WEB), [("**/templates/**.html", "jinja2")], options_map=options, keywords=keywords
    )
    first = {found[2] for found in extract_from_dir(str(WEB), [("**.py", "python")], keywords={"say": (1,)})}
    second = {found[2] for found in extract_from_dir(str(WEB), [("**.py", "python")], keywords={"say": (2,)})}
    used = {found[2] if isinstance(found[2], str) else found[2][0] for found in templates}
    return used | {message for message in first | second if isinstance(message, str)}


@pytest.fixture
def french() -> Catalog:
    with (WEB / "languages" / "fr" / "messages.po").open("rb") as file:
        return read_po(file, locale="fr")


def test_every_message_is_translated_and_none_is_left_over(french: Catalog) -> None:
    known = {entry.id if isinstance(entry.id, str) else entry.id[0] for entry in french if entry.id}
    used = messages_in_use()

    assert len(used) > 100
    assert used - known == set()
    assert known - used == set()


def test_no_translation_is_empty_or_unsure_or_drops_a_value(french: Catalog) -> None:
    for entry in french:
        if not entry.id:
            continue
        texts = [entry.string] if isinstance(entry.string, str) else list(entry.string)
        source = entry.id if isinstance(entry.id, str) else entry.id[1]
        assert all(texts), entry.id
        assert not entry.fuzzy, entry.id
        for placeholder in PLACEHOLDERS:
            assert all((placeholder in text) == (placeholder in source) for text in texts), entry.id


@pytest.mark.parametrize(("code", "shown"), [("en", "9 March 2026, 14:05"), ("fr", "9 mars 2026 à 14:05")])
def test_a_moment_is_told_in_the_organisations_zone_with_a_clock_of_24_hours(code: str, shown: str) -> None:
    assert language.load(code).moment(MOMENT, MONTREAL) == shown


@pytest.mark.parametrize(
    ("ago", "english", "french"),
    [
        (timedelta(seconds=20), "just now", "à l’instant"),
        (timedelta(hours=3), "3 hours ago", "il y a 3 heures"),
        (timedelta(days=2), "2 days ago", "il y a 2 jours"),
        (timedelta(days=30), "7 Feb", "7 févr."),
        (timedelta(days=400), "2 Feb 2025", "2 févr. 2025"),
    ],
)
def test_how_long_ago_is_told_briefly(ago: timedelta, english: str, french: str) -> None:
    for code, shown in (("en", english), ("fr", french)):
        assert language.load(code).briefly(MOMENT - ago, MOMENT, MONTREAL) == shown


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.5", "fr"),
        ("en-GB", "en"),
        ("de", "en"),
        ("de, fr;q=0.3, en;q=0.2", "fr"),
        ("fr;q=0, en", "en"),
        ("", "en"),
        (";;q=,,*;q=x", "en"),
    ],
)
def test_the_browsers_wish_is_met_where_it_can_be(accepted: str, chosen: str) -> None:
    assert language.preferred(accepted, ("en", "fr")) == chosen
