"""Real mailing lists, where they are at hand: what samples cannot prove."""

from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from domain.mail import Message
from ingest.memory_lookup import MemoryLookup
from ingest.parse import read
from ingest.sources.registry import open_archive
from ingest.threading import assign, join

ARCHIVES = Path(__file__).parents[3] / "shared" / "archives"
NAMES = ["python-committers", "spamassassin-ham", "twisted"]
MOST = 300


@cache
def messages(name: str) -> tuple[Message, ...]:
    path = ARCHIVES / f"{name}.mbox.gz"
    if not path.exists():
        pytest.skip(f"../shared is missing: no archive {name}")
    return tuple(read(mail.raw) for mail in islice(open_archive(path), MOST))


@pytest.mark.parametrize("name", NAMES)
def test_nearly_every_mail_has_sender_subject_text_and_id(name: str) -> None:
    read_well = [
        message
        for message in messages(name)
        if message.sender.email and message.subject and message.message_id and message.parts
    ]
    assert len(read_well) >= 0.98 * MOST


@pytest.mark.parametrize("name", NAMES)
def test_threads_are_the_same_in_any_order(name: str) -> None:
    found = messages(name)
    shuffled = list(found)
    Random(1).shuffle(shuffled)
    assert digests(join(shuffled)) == digests(join(found))


@pytest.mark.parametrize("name", NAMES)
def test_mails_that_arrive_one_by_one_in_any_order_give_the_same_threads(name: str) -> None:
    found = list(messages(name))
    Random(2).shuffle(found)
    lookup = MemoryLookup()
    for message in found:
        lookup.keep(message, assign(message, lookup))
    assert digests(lookup.threads()) == digests(join(found))


@pytest.mark.parametrize("name", NAMES)
def test_no_mail_is_lost_between_reading_and_threads(name: str) -> None:
    found = messages(name)
    assert sum(len(thread) for thread in join(found)) == len(found)


def digests(threads: list[list[Message]]) -> set[frozenset[str]]:
    return {frozenset(message.digest for message in thread) for thread in threads}
