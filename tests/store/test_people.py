"""People's choices, opt-out links and signing in."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from store import people, people_sign_in
from store.database import Database
from tests.store.commons_case import NOW, open_database

INES = "ines@example.com"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def test_a_person_never_met_has_chosen_nothing(database: Database) -> None:
    with database.read() as session:
        person = people.person(session, "Ines@Example.com")

    assert (person.email, person.label, person.language, person.opted_out) == (INES, "Ines", "", False)


def test_choices_are_kept_and_can_be_taken_back(database: Database) -> None:
    with database.write() as session:
        people.meet(session, INES, name="Inès Caron", at=NOW)
        people.meet(session, INES, name="Somebody Else", at=NOW)
        people.choose_language(session, INES, "fr", at=NOW)
        people.opt_out(session, INES, at=NOW)
        out = people.opted_out(session, [INES.upper(), "paul@example.com"])
        person = people.person(session, INES)
        people.opt_in(session, INES, at=NOW)

        assert people.opted_out(session, [INES]) == frozenset()
    assert out == {INES}
    assert (person.label, person.language, person.opted_out) == ("Inès Caron", "fr", True)


def test_an_opt_out_token_stands_for_its_address_without_showing_it(database: Database) -> None:
    with database.write() as session:
        token = people.opt_out_token(session, INES, at=NOW)
        again = people.opt_out_token(session, INES, at=NOW)

    with database.read() as session:
        assert people.email_of_opt_out_token(session, token) == INES
    assert again == token
    assert "ines" not in token


@pytest.mark.parametrize("change", ["", ".", "x", "{0}x", "x{0}", "é.é"])
def test_a_forged_opt_out_token_stands_for_nobody(database: Database, change: str) -> None:
    with database.write() as session:
        token = people.opt_out_token(session, INES, at=NOW)

        assert people.email_of_opt_out_token(session, change.format(token)) is None


def test_a_sign_in_token_works_once(database: Database) -> None:
    with database.write() as session:
        token = people_sign_in.ask(session, INES, client="192.0.2.7", at=NOW)
        assert token is not None
        first = people_sign_in.redeem(session, token, at=NOW + timedelta(minutes=14))
        second = people_sign_in.redeem(session, token, at=NOW + timedelta(minutes=14))

        assert first is not None
        assert people_sign_in.signed_in(session, first[1], at=NOW + timedelta(days=1)) == INES
    assert first[0] == INES
    assert second is None


def test_a_sign_in_token_lapses_after_a_quarter_of_an_hour(database: Database) -> None:
    with database.write() as session:
        token = people_sign_in.ask(session, INES, client="192.0.2.7", at=NOW)
        assert token is not None
        late = NOW + timedelta(minutes=15)

        assert not people_sign_in.is_usable(session, token, at=late)
        assert people_sign_in.redeem(session, token, at=late) is None


def test_a_session_ends_by_itself_and_on_request(database: Database) -> None:
    with database.write() as session:
        lapsing = people_sign_in.begin(session, INES, at=NOW)
        ended = people_sign_in.begin(session, INES, at=NOW)
        people_sign_in.end(session, ended)

        assert people_sign_in.signed_in(session, ended, at=NOW) is None
        assert people_sign_in.signed_in(session, lapsing, at=NOW + timedelta(days=29)) == INES
        assert people_sign_in.signed_in(session, lapsing, at=NOW + timedelta(days=30)) is None


def test_a_person_gets_few_links_in_a_quarter_of_an_hour(database: Database) -> None:
    with database.write() as session:
        asked = [people_sign_in.ask(session, INES, client=f"192.0.2.{n}", at=NOW) for n in range(4)]
        later = people_sign_in.ask(session, INES, client="192.0.2.9", at=NOW + timedelta(minutes=16))

    assert [token is not None for token in asked] == [True, True, True, False]
    assert later is not None


def test_a_client_gets_a_limited_number_of_links(database: Database) -> None:
    with database.write() as session:
        asked = [
            people_sign_in.ask(session, f"p{n}@example.com", client="192.0.2.7", at=NOW) for n in range(301)
        ]

    assert [token is not None for token in asked] == [True] * 300 + [False]


def test_neither_tokens_nor_cookies_stand_in_the_database(database: Database) -> None:
    with database.write() as session:
        token = people_sign_in.ask(session, INES, client="192.0.2.7", at=NOW)
        cookie = people_sign_in.begin(session, INES, at=NOW)

    with database.read() as session:
        rows = str(session.execute(text("SELECT * FROM sign_in_token")).all())
        rows += str(session.execute(text("SELECT * FROM web_session")).all())
    assert token is not None
    assert token not in rows
    assert cookie not in rows
    assert "192.0.2.7" not in rows
