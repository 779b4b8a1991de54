"""The shelf: who sees what stands on it, what search finds, and that nothing stays of what was taken back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from store import commons_editing, commons_reading
from store.commons import Shelf
from store.commons_editing import Draft, EditConflict, Writer
from store.commons_entry import Reader
from store.database import Database
from tests.store.commons_case import NOW, open_database, post, publication

PARTICIPANT = Reader(email="paul@example.com", internal=True)
COLLEAGUE = Reader(email="mirela@example.com", internal=True)
IN_GROUP = Reader(email="mirela@example.com", internal=True, groups=frozenset({"it"}))
OUTSIDER = Reader(email="eve@elsewhere.example", internal=False)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database, url="https://commons.example.com")


def slug_of(shelf: Shelf, key: str) -> str:
    receipt = shelf.find(key)
    assert receipt is not None
    return receipt.url.rpartition("/")[2]


@pytest.mark.parametrize(
    ("audience", "reader", "sees"),
    [
        ("everyone", PARTICIPANT, True),
        ("everyone", COLLEAGUE, True),
        ("everyone", OUTSIDER, False),
        ("participants", PARTICIPANT, True),
        ("participants", COLLEAGUE, False),
        ("participants", IN_GROUP, False),
        ("participants", OUTSIDER, False),
        ("group:it", IN_GROUP, True),
        ("group:it", COLLEAGUE, False),
        ("group:it", PARTICIPANT, False),
        ("group:it", OUTSIDER, False),
        ("somebody", PARTICIPANT, False),
        ("", COLLEAGUE, False),
    ],
)
def test_an_entry_is_seen_by_its_audience_in_every_way_of_reading(
    database: Database, shelf: Shelf, audience: str, reader: Reader, sees: bool
) -> None:
    published = publication(audience)
    shelf.put(published, form="wiki", at=NOW)
    slug = slug_of(shelf, published.key)

    with database.read() as session:
        found = [
            commons_reading.entry(session, reader, form="wiki", slug=slug) is not None,
            bool(commons_reading.entries_of_keys(session, reader, [published.key])),
            bool(commons_reading.titles_of_keys(session, reader, [published.key])),
            bool(commons_reading.recent(session, reader)),
            bool(commons_reading.recent(session, reader, space="wiki")),
            bool(commons_reading.tagged(session, reader, "heating")),
            bool(commons_reading.search(session, reader, "annexe")),
            bool(commons_reading.counts(session, reader)),
            bool(commons_reading.revisions(session, reader, slug=slug)),
        ]

    assert found == [sees] * len(found)


def test_an_admitted_reader_sees_what_only_participants_may(database: Database, shelf: Shelf) -> None:
    published = publication("participants")
    shelf.put(published, form="blog", at=NOW)

    shelf.admit(published.key, ["Mirela@example.com"])

    with database.read() as session:
        assert commons_reading.recent(session, COLLEAGUE)


def test_nobody_writes_where_they_may_not_read(database: Database, shelf: Shelf) -> None:
    published = publication("participants")
    shelf.put(published, form="wiki", at=NOW)
    slug = slug_of(shelf, published.key)
    colleague = Writer(reader=COLLEAGUE, name="Mirela")

    with database.write() as session:
        answered = commons_editing.answer(
            session, colleague, form="wiki", slug=slug, markdown="Hello", at=NOW
        )
        revised = commons_editing.revise(
            session, colleague, slug=slug, based_on=1, title="Mine", markdown="Mine", note="", at=NOW
        )

    assert (answered, revised) == (None, None)


def test_an_address_tells_the_title_only_where_everyone_may_read(shelf: Shelf) -> None:
    shelf.put(publication("everyone"), form="wiki", at=NOW)
    shelf.put(publication("participants"), form="wiki", at=NOW)
    shelf.put(publication("group:it"), form="stream", at=NOW)

    assert slug_of(shelf, "thread-everyone/wiki") == "heating-in-the-annexe"
    assert len(slug_of(shelf, "thread-participants/wiki")) == 24
    assert len(slug_of(shelf, "thread-group:it/wiki")) == 24


@pytest.mark.parametrize("title", ["new", "日本語", "", "  ", "!?"])
def test_a_title_that_cannot_be_an_address_gets_a_random_one(shelf: Shelf, title: str) -> None:
    shelf.put(publication(title=title), form="wiki", at=NOW)

    assert len(slug_of(shelf, "thread-everyone/wiki")) == 24


@pytest.mark.parametrize("words", ["ANNEXE", "reglage", "Réglage neuf", "cold heating", "heat"])
def test_search_finds_words_in_any_case_with_or_without_accents(
    database: Database, shelf: Shelf, words: str
) -> None:
    shelf.put(publication(), form="wiki", at=NOW)

    with database.read() as session:
        assert len(commons_reading.search(session, COLLEAGUE, words)) == 1


@pytest.mark.parametrize("words", ["boiler", "annexe boiler", "%", "_", "old words", "", "paul@example.com"])
def test_search_finds_neither_other_words_nor_quotes_nor_addresses(
    database: Database, shelf: Shelf, words: str
) -> None:
    shelf.put(publication(), form="wiki", at=NOW)

    with database.read() as session:
        assert commons_reading.search(session, COLLEAGUE, words) == ()


def test_a_hit_in_the_title_comes_before_a_newer_one_in_the_text(database: Database, shelf: Shelf) -> None:
    shelf.put(publication(key="a", title="Cold coffee"), form="wiki", at=NOW)
    shelf.put(publication(key="b", title="Heating"), form="wiki", at=NOW + timedelta(days=1))

    with database.read() as session:
        found = commons_reading.search(session, COLLEAGUE, "cold")

    assert [card.title for card in found] == ["Cold coffee", "Heating"]


def test_answers_and_later_mails_share_one_count_and_keep_their_numbers(
    database: Database, shelf: Shelf
) -> None:
    published = publication()
    shelf.put(published, form="blog", at=NOW)
    slug = slug_of(shelf, published.key)
    writer = Writer(reader=COLLEAGUE, name="Mirela")
    with database.write() as session:
        number = commons_editing.answer(
            session, writer, form="blog", slug=slug, markdown="On the page.", at=NOW
        )

    shelf.append(published.key, [post(2, "By mail.")], at=NOW)

    with database.read() as session:
        entry = commons_reading.entry(session, COLLEAGUE, form="blog", slug=slug)
        cards = commons_reading.recent(session, COLLEAGUE)
    assert number == 2
    assert entry is not None
    assert [(remark.number, remark.from_mail) for remark in entry.remarks] == [
        (0, True),
        (1, True),
        (2, False),
        (3, True),
    ]
    assert cards[0].remarks == 3


def test_an_entry_is_as_new_as_its_last_mail_but_never_newer_than_now(
    database: Database, shelf: Shelf
) -> None:
    from_an_archive = publication(key="archive")
    from_a_wrong_clock = replace(
        from_an_archive, key="clock", posts=(replace(post(0, "x"), at=NOW.max.replace(tzinfo=UTC)),)
    )
    shelf.put(from_an_archive, form="wiki", at=NOW)
    shelf.put(from_a_wrong_clock, form="wiki", at=NOW)

    with database.read() as session:
        cards = commons_reading.recent(session, COLLEAGUE)

    assert [card.changed_at for card in cards] == [NOW, NOW - timedelta(hours=8)]


def test_an_edit_keeps_the_text_before_it(database: Database, shelf: Shelf) -> None:
    published = publication()
    shelf.put(published, form="wiki", at=NOW)
    slug = slug_of(shelf, published.key)
    writer = Writer(reader=COLLEAGUE, name="Mirela")

    with database.write() as session:
        number = commons_editing.revise(
            session, writer, slug=slug, based_on=1, title="Heating", markdown="Warm.", note="short", at=NOW
        )

    with database.read() as session:
        history = commons_reading.revisions(session, COLLEAGUE, slug=slug)
        entry = commons_reading.entry(session, COLLEAGUE, form="wiki", slug=slug)
        by_new_word = commons_reading.search(session, COLLEAGUE, "warm")
    assert number == 2
    assert [(revision.number, revision.markdown) for revision in history] == [
        (2, "Warm."),
        (1, "The annexe is **cold** until ten."),
    ]
    assert entry is not None
    assert entry.opening is not None
    assert (entry.body, entry.opening.markdown) == ("Warm.", "The annexe is **cold** until ten.")
    assert len(by_new_word) == 1


def test_an_edit_based_on_an_older_text_is_refused(database: Database, shelf: Shelf) -> None:
    published = publication()
    shelf.put(published, form="wiki", at=NOW)
    slug = slug_of(shelf, published.key)
    writer = Writer(reader=COLLEAGUE, name="Mirela")

    def edit(words: str) -> None:
        with database.write() as session:
            commons_editing.revise(
                session, writer, slug=slug, based_on=1, title="T", markdown=words, note="", at=NOW
            )

    edit("First.")
    with pytest.raises(EditConflict):
        edit("Second.")


def test_of_what_was_taken_back_no_word_is_left_in_the_commons(database: Database, shelf: Shelf) -> None:
    published = publication()
    shelf.put(published, form="wiki", at=NOW)

    shelf.withdraw(published.key, at=NOW)

    with database.read() as session:
        rows = [
            str(row)
            for table in ("entry", "reader", "tag", "revision", "remark", "words")
            for row in session.execute(text(f"SELECT * FROM commons_{table}")).all()
        ]
    assert len(rows) == 1
    for word in ("cold", "Heating", "heating", "ines", "Inès", "réglage", "plan.pdf"):
        assert word not in rows[0]


def test_a_page_written_by_hand_has_a_history_from_its_start(database: Database) -> None:
    writer = Writer(reader=COLLEAGUE, name="Mirela")
    draft = Draft(
        form="wiki",
        space="wiki",
        audience="everyone",
        title="Lost keys",
        markdown="Ask *Ana*.",
        language="en",
    )

    with database.write() as session:
        slug = commons_editing.create(session, writer, draft, at=NOW)

    with database.read() as session:
        entry = commons_reading.entry(session, PARTICIPANT, form="wiki", slug=slug)
        history = commons_reading.revisions(session, PARTICIPANT, slug=slug)
    assert slug == "lost-keys"
    assert entry is not None
    assert (entry.opening, entry.author) == (None, "Mirela")
    assert [revision.number for revision in history] == [1]
