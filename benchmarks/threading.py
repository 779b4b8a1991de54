"""What joining mails into threads costs, against a floor that only connects the ids they name.

The mails are read already: reading is measured in reading.py.
Run: python -m benchmarks.threading [ROUNDS [MAILS]]
"""

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from benchmarks.comparing import in_turn, show
from domain.mail import Address, Message
from ingest.memory_lookup import MemoryLookup
from ingest.threading import assign, join

SIZES = (25_000, 50_000, 100_000)
START = datetime(2024, 1, 1, 8, 0, tzinfo=UTC)
PEOPLE = tuple(Address(email=f"person{n}@office.example", name=f"Person {n}") for n in range(200))
LISTS = tuple(Address(email=f"team{n}@office.example") for n in range(20))


def main() -> None:
    """Print a table for each size, or for the one given."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for size in (int(sys.argv[2]),) if len(sys.argv) > 2 else SIZES:
        mails = generated(size)
        ways: dict[str, Callable[[], object]] = {
            "join": lambda mails=mails: join(mails),  # type: ignore[misc]
            "one by one": lambda mails=mails: _one_by_one(mails),  # type: ignore[misc]
            "references alone": lambda mails=mails: _floor(mails),  # type: ignore[misc]
        }
        spent = in_turn(ways, rounds=rounds)
        show(f"{size:,} generated mails, {rounds} rounds", spent, ours="join", mails=size)


def generated(size: int) -> list[Message]:
    """Conversations of one to forty mails in any order: some name nothing, some ids are shared or missing."""
    dice = random.Random(5)
    made: list[Message] = []
    while len(made) < size:
        made += _conversation(dice, len(made), min(size - len(made), dice.choice((1, 1, 2, 3, 5, 8, 13, 40))))
    dice.shuffle(made)
    return made


def _conversation(dice: random.Random, number: int, length: int) -> list[Message]:
    subject = f"Weekly report {number % 50}" if dice.random() < 0.1 else f"Matter {number}"
    people, team = dice.sample(PEOPLE, 6), dice.choice(LISTS)
    ids: list[str] = []
    mails: list[Message] = []
    for place in range(length):
        own = f"{number}.{place}@office.example"
        if dice.random() < 0.005:  # a broken client gives one id to several mails
            own = f"scan{number % 199}@office.example"
        mail = Message(
            message_id=own,
            digest=f"{number}.{place}",
            subject=f"Re: {subject}" if ids else subject,
            sender=dice.choice(people),
            to=(team,),
            date=START + timedelta(minutes=7 * number + 31 * place),
        )
        if ids and dice.random() < 0.95:
            mail = replace(mail, in_reply_to=(ids[-1],), references=tuple(ids[-20:]))
        if dice.random() < 0.97:  # else it is a ghost
            mails.append(mail)
        ids.append(own)
    return mails


def _one_by_one(mails: Sequence[Message]) -> None:
    lookup = MemoryLookup()
    for mail in mails:
        lookup.keep(mail, assign(mail, lookup))


def _floor(mails: Sequence[Message]) -> int:
    """Connects ids and counts the threads: no subjects, shared ids, copies or order of the conversation."""
    above: dict[str, str] = {}

    def root(key: str) -> str:
        while above.setdefault(key, key) != key:
            above[key] = above[above[key]]
            key = above[key]
        return key

    for mail in mails:
        own = root(mail.message_id or mail.digest)
        for named in (*mail.references, *mail.in_reply_to):
            above[root(named)] = own
            own = root(own)
    return len({root(mail.message_id or mail.digest) for mail in mails})


if __name__ == "__main__":
    main()
