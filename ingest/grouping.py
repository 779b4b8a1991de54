"""The threads of some mails, as one function of what is there: the order in which mails came cannot matter.

What people have said by hand (join these, split that one off) is kept to. Not for what links two mails.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.mail import Message
from ingest.linking import Links, copy_marks, names


@dataclass(frozen=True, kw_only=True)
class Corrections:
    """What overrides the mails' own links; mails are told by their digests."""

    joined: tuple[tuple[str, str], ...] = ()  # each pair stays together
    split: frozenset[str] = frozenset()  # each begins a thread of its own, its answers follow it
    settled: tuple[frozenset[str], ...] = ()  # threads out of which no mail may be taken any more


NONE = Corrections()


def group(messages: Sequence[Message], corrections: Corrections = NONE) -> list[list[Message]]:
    """The threads of these mails; within each they stand in the order given. n log n steps for n mails.

    Mails belong together that name each other, that name the same missing one, that are copies, or of which
    one is a reply without ids to the other.
    """
    sets = _DisjointSets()
    for one, other in _Linking(messages, corrections).pairs():
        sets.join(one, other)
    threads: dict[object, list[Message]] = {}
    for number, message in enumerate(messages):
        threads.setdefault(sets.root(number), []).append(message)
    return list(threads.values())


def keep_ids(
    groups: Iterable[Sequence[Message]], current: Mapping[str, str]
) -> list[tuple[str | None, Sequence[Message]]]:
    """Which thread each group goes on as: the one of most of its mails. None stands for a new thread.

    `current` has the thread of each digest, where there is one. No thread goes on as two groups.
    """
    known = list(groups)
    shares: dict[tuple[int, str], int] = {}
    for number, messages in enumerate(known):
        for message in messages:
            if message.digest in current:
                share = number, current[message.digest]
                shares[share] = shares.get(share, 0) + 1
    chosen: dict[int, str] = {}
    for number, thread_id in sorted(shares, key=lambda share: (-shares[share], share)):
        if number not in chosen and thread_id not in chosen.values():
            chosen[number] = thread_id
    return [(chosen.get(number), messages) for number, messages in enumerate(known)]


def parents(messages: Sequence[Message]) -> list[int | None]:
    """For each of these mails the number of the one that it answers; None where none of them is."""
    linking = _Linking(messages, NONE)
    return [linking.parent(number) for number in range(len(messages))]


def answered_by(message: Message, messages: Iterable[Message]) -> Message | None:
    """The one of these mails that a mail answers; None where none of them is."""
    others = [each for each in messages if each.digest != message.digest]
    number = _Linking([message, *others], NONE).parent(0)
    return others[number - 1] if number else None


class _Linking:
    """The pairs of mails (by number), and of mails and marks, that hold the threads together."""

    def __init__(self, messages: Sequence[Message], corrections: Corrections) -> None:
        self._messages = messages
        self._links = Links(messages)
        self._numbers = {message.digest: number for number, message in enumerate(messages)}
        self._joined = self._known_pairs(corrections.joined)
        self._cut = {self._numbers[digest] for digest in corrections.split if digest in self._numbers}
        self._settled: dict[int, int] = {}  # the settled thread of each mail that is in one
        for thread, digests in enumerate(corrections.settled):
            numbers = [self._numbers[digest] for digest in digests if digest in self._numbers]
            self._settled.update(dict.fromkeys(numbers, thread))
        self._sides = self._sides_of_splits() if self._cut else {}

    def pairs(self) -> Iterator[tuple[object, object]]:
        """Every pair that belongs together."""
        yield from self._joined
        for number in range(len(self._messages)):
            for other in self._linked(number):
                yield number, other
            if number in self._settled:
                yield number, f" settled {self._settled[number]}"

    def _known_pairs(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[int, int]]:
        known = self._numbers
        return [(known[one], known[other]) for one, other in pairs if one in known and other in known]

    def _linked(self, number: int) -> Iterator[object]:
        """What a mail is linked to on its side of all splits: mails it names or answers, ghosts, copies."""
        side = self._sides.get(number)
        for mark in copy_marks(self._messages[number]):
            yield mark, side
        answered = [self._answered(number)]
        for named in names(self._messages[number]):
            holder = self._holder(number, named)
            answered.append(holder)
            if holder is None:
                yield named, side
        yield from (each for each in answered if each is not None and self._sides.get(each) == side)

    def _holder(self, number: int, named: str) -> int | None:
        if number not in self._settled:
            return self._links.holder(number, named)
        thread = self._settled[number]
        return self._links.holder(number, named, lambda other: self._settled.get(other) == thread)

    def _answered(self, number: int) -> int | None:
        """What a reply without ids answers; a settled one stays where it is, whatever has come since."""
        return None if number in self._settled else self._links.answered(number)

    def _sides_of_splits(self) -> dict[int, int]:
        """For each mail that was split off, or answers such a mail, the mail that was split off."""
        sides: dict[int, int | None] = {number: number for number in self._cut}
        for start in range(len(self._messages)):
            way: dict[int, None] = {}
            number: int | None = start
            while number is not None and number not in sides and number not in way:
                way[number] = None
                number = self.parent(number)
            side = None if number is None or number in way else sides[number]
            sides.update(dict.fromkeys(way, side))
        return {number: side for number, side in sides.items() if side is not None}

    def parent(self, number: int) -> int | None:
        """The mail that a mail answers: the nearest one that is there, for a settled mail in its thread."""
        thread = self._settled.get(number)
        message = self._messages[number]
        for named in (*message.in_reply_to, *reversed(names(message))):
            holder = None if named == message.message_id else self._holder(number, named)
            if holder is not None and (thread is None or self._settled.get(holder) == thread):
                return holder
        if thread is None:
            return self._answered(number)
        return next((each for each in self._cut if self._settled.get(each) == thread), None)


@dataclass
class _DisjointSets:
    """Sets that only grow together, of any keys; n joins cost little more than n steps."""

    _above: dict[object, object] = field(default_factory=dict)
    _sizes: dict[object, int] = field(default_factory=dict)

    def root(self, key: object) -> object:
        """What stands for the set of a key."""
        above = self._above.setdefault(key, key)
        while above != key:
            further = self._above[above]
            self._above[key] = further
            key, above = above, further
        return key

    def join(self, one: object, other: object) -> None:
        """Make one set of two."""
        small, large = self.root(one), self.root(other)
        if small == large:
            return
        if self._sizes.get(small, 1) > self._sizes.get(large, 1):
            small, large = large, small
        self._above[small] = large
        self._sizes[large] = self._sizes.get(small, 1) + self._sizes.get(large, 1)
