"""The demo's mails through reading, threading, classifier and rules, held against their authors' intent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.mail import Automatic, Message, RawMail
from ingest.conversation import conversation_order
from ingest.parse import read
from ingest.threading import join
from router.engine import decide
from router.facts import facts_of
from unchain.archive_threads import as_thread
from unchain.config import load as load_config
from unchain.demo.company import load, mails
from unchain.demo.config import write_config
from unchain.demo.feeder import digest, feeding_order
from unchain.demo.script import DemoMail
from unchain.demo.verdict import DecidedThread, Verdict, compare
from unchain.rulebook import rulebook_of
from unchain.wiring import load_classifier

NOW = datetime(2026, 11, 23, tzinfo=UTC)
COMPANY = load()
MAILS = mails(COMPANY, start=datetime(2026, 11, 4, tzinfo=UTC))


def read_one(mail: DemoMail) -> Message:
    raw = RawMail(
        content=mail.content,
        mail_from=mail.mail_from,
        rcpt_to=mail.rcpt_to,
        source="smtp",
        received_at=mail.sent_at,
    )
    return read(raw)


READ = {digest(mail): read_one(mail) for mail in feeding_order(MAILS)}


def decided(folder: Path) -> Iterator[DecidedThread]:
    config = load_config(write_config(folder, COMPANY, smtp_port=2525, sink_port=2526, web_port=8181))
    rulebook = rulebook_of(config)
    classifier = load_classifier()
    for group in join(READ.values()):
        thread = as_thread(conversation_order(group))
        classification = classifier.classify(thread)
        facts = facts_of(
            thread,
            classification,
            organisation=rulebook.organisation,
            groups=rulebook.groups,
            opted_out=frozenset(),
            now=NOW,
        )
        decision = decide(facts, rulebook.rules, rulebook.spaces, config_version="demo", now=NOW)
        yield DecidedThread(
            digests=frozenset(message.digest for message in group),
            title=thread.subject,
            kind=classification.kind,
            sensitive=classification.sensitive,
            reason=decision.reason,
            space=decision.space,
            rule=decision.rule,
        )


@pytest.fixture(scope="module")
def threads(tmp_path_factory: pytest.TempPathFactory) -> list[DecidedThread]:
    return list(decided(tmp_path_factory.mktemp("demo")))


@pytest.fixture(scope="module")
def verdict(threads: list[DecidedThread]) -> Verdict:
    return compare(COMPANY, MAILS, threads)


def test_every_mail_finds_its_thread_whatever_its_client_left_out(verdict: Verdict) -> None:
    assert verdict.joined == verdict.threads


def test_no_sensitive_thread_leaves_the_mail(verdict: Verdict) -> None:
    assert verdict.sensitive_kept == verdict.sensitive


def test_nothing_with_an_outsider_a_blind_copy_or_only_two_people_leaves_the_mail(
    threads: list[DecidedThread],
) -> None:
    kept = {one.subject for one in COMPANY.threads if one.stays_for}
    assert not [one.title for one in threads if one.title in kept and one.space is not None]


def test_something_moves_into_each_space(threads: list[DecidedThread]) -> None:
    assert {one.space for one in threads} >= {"wiki", "blog", "stream"}


def test_most_threads_fare_as_their_authors_expect_and_hardly_any_moves_that_should_stay(
    verdict: Verdict,
) -> None:
    wrongly_moved = [one.subject for one in verdict.surprises if one.sentence.startswith("moved")]
    assert verdict.fates >= 0.8 * verdict.threads
    assert verdict.kinds >= 0.75 * verdict.threads
    assert len(wrongly_moved) <= 2


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: f"{mail.thread}-{mail.index}")
def test_machines_are_told_from_people(mail: DemoMail) -> None:
    script = next(one for one in COMPANY.threads if one.id == mail.thread).mails[mail.index]
    expected = "Auto-Submitted" in script.headers or "Precedence" in script.headers
    assert (READ[digest(mail)].automatic is not Automatic.NO) == expected
