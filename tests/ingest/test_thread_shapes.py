"""Sets of mails as real clients, lists and gateways write their headers; each in every order of arrival."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from itertools import permutations

import pytest

from domain.mail import Message
from ingest.memory_lookup import MemoryLookup
from ingest.threading import assign, join
from tests.ingest.reading import NOON, read_bytes

DAY = 24 * 60
TEAM = "Team <team@example.com>"
INDEX = "AdpQkT0bV1mZx7GkTr2cW0aYfQmLgA=="
OTHER_INDEX = "AdqRlU1cW2nAy8HlUs3dX1bZgRnMhB=="
LONG = " ".join(f"<step-{number}.{'x' * 60}@mail.example.com>" for number in range(40))


@dataclass(frozen=True, kw_only=True)
class Eml:
    """A mail by its header; `group` is the thread that it must be in."""

    name: str  # of the mail, and its Message-ID unless the header has one
    group: int
    subject: str = "Canteen"
    sender: str = "ana"
    to: str = TEAM
    minutes: int = 0
    header: str = ""  # further lines
    body: str = "Words of this very mail."

    def read(self) -> Message:
        own = "" if "Message-ID:" in self.header else f"Message-ID: <{self.name}@example.com>\n"
        date = format_datetime(NOON + timedelta(minutes=self.minutes))
        sender = f"From: {self.sender.title()} <{self.sender}@example.com>\nTo: {self.to}\n"
        head = f"{sender}Date: {date}\nSubject: {self.subject}\nX-Name: {self.name}\n{own}{self.header}"
        return read_bytes(f"{head.rstrip()}\n\n{self.body} {self.name}\n".encode())


def reply(
    name: str,
    group: int,
    answers: str,
    *,
    subject: str = "Re: Canteen",
    minutes: int = 0,
    sender: str = "bob",
) -> Eml:
    header = f"In-Reply-To: <{answers}@example.com>\nReferences: <{answers}@example.com>\n"
    return Eml(name=name, group=group, subject=subject, minutes=minutes, sender=sender, header=header)


def lost(name: str, group: int, subject: str, minutes: int, sender: str = "bob", *, header: str = "") -> Eml:
    return Eml(name=name, group=group, subject=subject, minutes=minutes, sender=sender, header=header)


ROOT = Eml(name="root", group=1)
SHAPES: dict[str, list[Eml]] = {
    "In-Reply-To in prose, with a person's address": [
        ROOT,
        Eml(
            name="prose",
            group=1,
            sender="bob",
            header='In-Reply-To: Message from Ana <ana@example.com> of "Mon, 06 May" <root@example.com>\n',
        ),
        Eml(name="other", group=2, subject="Keys", header="In-Reply-To: Your note from <ana@example.com>\n"),
        Eml(name="third", group=3, subject="Bikes", header="In-Reply-To: Your note from <ana@example.com>\n"),
    ],
    "References folded in the middle of an id and behind tabs": [
        ROOT,
        reply("a", 1, "root"),
        Eml(name="b", group=1, header="References: <root@\n\texample.com>\n\t<a@example.com>\n"),
    ],
    "References with commas, without brackets, with junk between": [
        ROOT,
        Eml(name="a", group=1, header="References: <root@example.com>, <gone@example.com>\n"),
        Eml(name="b", group=1, header="References: gone@example.com\n"),
        Eml(name="c", group=1, header="References: <> <gone@example.com> (see below) ??? <>\n"),
    ],
    "empty, absent and placeholder ids join nobody": [
        Eml(name="a", group=1, header="Message-ID: <>\nReferences: <>\n", subject="Keys"),
        Eml(name="b", group=2, header="Message-ID: <>\nIn-Reply-To: none\n", subject="Bikes"),
        Eml(name="c", group=3, header="Message-ID:\nIn-Reply-To: <undefined>\n", subject="Chairs"),
        Eml(name="d", group=4, header="In-Reply-To: <undefined>\n", subject="Tables"),
    ],
    "over-long References cut at the front": [
        ROOT,
        Eml(name="far", group=1, header=f"In-Reply-To: <root@example.com>\nReferences: {LONG}\n"),
        Eml(name="near", group=1, header=f"References: {LONG.split()[-1]}\n"),
    ],
    "References cut off in the last id, as old clients do at 255 signs": [
        ROOT,
        reply("a", 1, "root"),
        Eml(name="b", group=1, header="References: <root@example.com> <a@exam\n"),
    ],
    "References newest first": [
        ROOT,
        reply("a", 1, "root"),
        Eml(name="b", group=1, header="References: <a@example.com> <root@example.com>\n"),
    ],
    "In-Reply-To and References name two different mails": [
        ROOT,
        Eml(name="else", group=1, subject="Keys"),
        Eml(
            name="both",
            group=1,
            header="In-Reply-To: <root@example.com>\nReferences: <else@example.com>\n",
        ),
    ],
    "a mail that names itself beside its parent, and a ring": [
        Eml(name="a", group=1, header="References: <a@example.com> <c@example.com>\n"),
        Eml(name="b", group=1, header="References: <a@example.com>\n"),
        Eml(name="c", group=1, header="References: <b@example.com>\n"),
    ],
    "a gateway gave the first mail another id": [
        Eml(
            name="new",
            group=1,
            header="Message-ID: <0100-abc@gateway.example>\nX-Original-Message-ID: <old@example.com>\n",
        ),
        Eml(name="inside", group=1, header="In-Reply-To: <old@example.com>\n"),
        Eml(name="outside", group=1, header="In-Reply-To: <0100-abc@gateway.example>\n"),
    ],
    "one mail directly and through a list, which tags it and changes the ends of ids": [
        ROOT,
        Eml(name="root2", group=1, subject="[team] Canteen", header="Message-ID: <root@example.com>\n"),
        reply("a", 1, "root", subject="Re: [team] Canteen"),
    ],
    "marks of many clients on a chain without ids": [
        ROOT,
        lost("aw", 1, "AW: [EXTERNAL] Canteen", 10),
        lost("sv", 1, "SV: AW: Canteen", 20, "eve"),
        lost("zh", 1, "回复：Canteen", 30, "bob"),
        lost("ru", 1, "Ответ: Re[2]: [team] Canteen", 40, "eve"),
        lost("pl", 1, "Odp.: Canteen", 50, "zoe"),
    ],
    "two weeks of one report, and answers that name nothing": [
        Eml(name="w1", group=1, subject="Weekly report"),
        lost("a1", 1, "Re: Weekly report", 30),
        Eml(name="w2", group=2, subject="Weekly report", minutes=7 * DAY),
        lost("a2", 2, "Re: Weekly report", 7 * DAY + 30),
        reply("b1", 1, "w1", subject="Re: Weekly report", minutes=DAY, sender="eve"),
    ],
    "greetings among strangers": [
        Eml(name="a", group=1, subject="Hello", to="Bob <bob@example.com>"),
        Eml(name="b", group=2, subject="Re: Hello", sender="zoe", to="Yan <yan@example.com>", minutes=5),
        Eml(name="c", group=3, subject="Hello", sender="eve", to="Bob <bob@example.com>", minutes=9),
        Eml(name="d", group=4, subject="Test", to="Bob <bob@example.com>"),
    ],
    "no subject at all": [
        Eml(name="a", group=1, subject="(no subject)"),
        Eml(name="b", group=2, subject="Re: (no subject)", sender="bob", minutes=5),
        Eml(name="c", group=3, subject="Re:", sender="bob", minutes=6),
    ],
    "two talks of one subject told apart by Thread-Index alone": [
        Eml(name="a", group=1, header=f"Thread-Index: {INDEX}\n"),
        Eml(name="b", group=2, header=f"Thread-Index: {OTHER_INDEX}\n", minutes=20),
        lost("c", 1, "RE: Canteen", 40, header=f"Thread-Index: {INDEX[:-4]}AAABcd==\n"),
    ],
    "a Thread-Index in common proves nothing": [
        Eml(name="a", group=1, header=f"Thread-Index: {INDEX}\n"),
        Eml(name="b", group=2, subject="Keys", header=f"Thread-Index: {INDEX}\n", minutes=5),
    ],
    "a forward begins a talk among others, and its answers stay with it": [
        ROOT,
        reply("a", 1, "root"),
        Eml(name="fwd", group=2, subject="Fwd: Canteen", sender="bob", to="Zoe <zoe@example.com>", minutes=9),
        Eml(
            name="z",
            group=2,
            subject="Re: Fwd: Canteen",
            sender="zoe",
            to="Bob <bob@example.com>",
            header="In-Reply-To: <fwd@example.com>\n",
            minutes=20,
        ),
    ],
    "a changed subject that names the former one, by reference": [
        ROOT,
        reply("a", 1, "root", subject="Coffee (was: Canteen)"),
        reply("b", 1, "a", subject="Re: Coffee"),
    ],
    "patches below their cover letter, and the next version by itself": [
        Eml(name="v1", group=1, subject="[PATCH 0/2] Tidy the parser"),
        reply("p1", 1, "v1", subject="[PATCH 1/2] Drop an import"),
        reply("p2", 1, "v1", subject="[PATCH 2/2] Rename a field"),
        Eml(name="v2", group=2, subject="[PATCH v2 0/2] Tidy the parser", minutes=DAY),
        reply("q1", 2, "v2", subject="[PATCH v2 1/2] Drop an import", minutes=DAY),
    ],
    "digests of a list are no talk": [
        Eml(name="d1", group=1, subject="Team Digest, Vol 3, Issue 1", sender="team-request"),
        Eml(name="d2", group=2, subject="Team Digest, Vol 3, Issue 2", sender="team-request", minutes=DAY),
    ],
    "an answer to one mail of a digest, whose subject it took": [
        ROOT,
        lost("a", 1, "Re: [team] Canteen", 60, "eve"),
        Eml(name="d", group=2, subject="Team Digest, Vol 3, Issue 1", sender="team-request", minutes=30),
    ],
    "a meeting that is called again is not an answer": [
        Eml(name="m1", group=1, subject="Sprint review"),
        Eml(name="m2", group=2, subject="Sprint review", minutes=7 * DAY),
        reply("yes", 1, "m1", subject="Accepted: Sprint review", minutes=5),
    ],
    "answers by a slow clock": [
        Eml(name="first", group=1, minutes=120),
        lost("early", 1, "Re: Canteen", 90),
        reply("late", 1, "early", minutes=60, sender="eve"),
    ],
}


def one_by_one(mails: Sequence[Message]) -> list[list[str]]:
    lookup = MemoryLookup()
    for mail in mails:
        lookup.keep(mail, assign(mail, lookup))
    return named(lookup.threads())


def named(threads: Sequence[Sequence[Message]]) -> list[list[str]]:
    return sorted(sorted(mail.header("x-name") or "" for mail in thread) for thread in threads)


@pytest.mark.parametrize("mails", SHAPES.values(), ids=SHAPES)
def test_a_shape_gives_its_threads_in_every_order(mails: list[Eml]) -> None:
    wanted: dict[int, list[str]] = {}
    for mail in mails:
        wanted.setdefault(mail.group, []).append(mail.name)
    expected = sorted(sorted(names) for names in wanted.values())
    read = [mail.read() for mail in mails]
    assert named(join(read)) == expected
    for order in permutations(read):
        assert one_by_one(order) == expected
