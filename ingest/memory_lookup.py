"""Threads in memory, for reading whole archives and for tests. The stored threads are looked up elsewhere."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from domain.mail import Message
from ingest.assignment import Assignment, Candidate, is_orphan, recipients_of
from ingest.conversation import conversation_order
from ingest.subjects import base_subject

# Of the threads with one subject only the last ones touched are looked at: "test" must not cost
# quadratic time.
_MOST_EXAMINED = 200


@dataclass(kw_only=True)
class _Growing:
    """A thread while it grows."""

    id: str
    messages: list[Message] = field(default_factory=list)
    authors: set[str] = field(default_factory=set)
    recipients: set[str] = field(default_factory=set)
    first: Message | None = None
    latest: datetime | None = None


class MemoryLookup:
    """Threads in memory: a ThreadLookup that also keeps what `assign` has decided."""

    def __init__(self) -> None:
        self._threads: dict[str, _Growing] = {}
        self._merged: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._by_subject: dict[str, dict[str, None]] = {}
        self._next = 0

    def threads_of(self, message_ids: Collection[str]) -> dict[str, str]:
        """The thread of each key that was mentioned."""
        return {key: self._alive(self._keys[key]) for key in message_ids if key in self._keys}

    def candidates(
        self, subject: str, people: frozenset[str], around: datetime, within: timedelta
    ) -> Sequence[Candidate]:
        """Threads in which a mail has this base subject, that share people and are near in time."""
        found: list[Candidate] = []
        for thread_id in islice(reversed(self._by_subject.get(subject, {})), _MOST_EXAMINED):
            thread = self._threads.get(thread_id)
            if thread is None or thread.first is None or thread.latest is None:
                continue
            if not thread.first.date - within <= around <= thread.latest + within:
                continue
            if people.isdisjoint(thread.authors) and people.isdisjoint(thread.recipients):
                continue
            found.append(_candidate(thread, thread.first, thread.latest))
        return found

    def keep(self, message: Message, assignment: Assignment) -> str:
        """Put a mail where `assign` says, merge what belongs together; gives the thread's id."""
        if assignment.thread_id is None:
            self._next += 1
            thread_id = str(self._next)
            self._threads[thread_id] = _Growing(id=thread_id)
        else:
            thread_id = assignment.thread_id
        thread_id = self._merge(thread_id, assignment.merges)
        for key in assignment.mentions:
            self._keys.setdefault(key, thread_id)
        _grow(self._threads[thread_id], message)
        self._by_subject.setdefault(base_subject(message.subject), {})[thread_id] = None
        return thread_id

    def threads(self) -> list[list[Message]]:
        """All threads, oldest first, each in the order of its conversation."""
        ordered = [conversation_order(thread.messages) for thread in self._threads.values()]
        return sorted(
            ordered, key=lambda thread: (thread[0].date, thread[0].message_id or "", thread[0].digest)
        )

    def _alive(self, thread_id: str) -> str:
        root = thread_id
        while root in self._merged:
            root = self._merged[root]
        while thread_id in self._merged:
            self._merged[thread_id], thread_id = root, self._merged[thread_id]
        return root

    def _merge(self, thread_id: str, others: Iterable[str]) -> str:
        """Move the smaller threads into the largest, so that many merges stay cheap."""
        alive = {self._alive(each): None for each in (thread_id, *others)}
        target = max(alive, key=lambda each: len(self._threads[each].messages))
        for each in alive:
            if each != target:
                smaller = self._threads.pop(each)
                self._merged[each] = target
                for message in smaller.messages:
                    _grow(self._threads[target], message)
                    self._by_subject[base_subject(message.subject)][target] = None
        return target


def _grow(thread: _Growing, message: Message) -> None:
    thread.messages.append(message)
    thread.authors.add(message.sender.email)
    thread.recipients |= recipients_of(message)
    if thread.first is None or (message.date, message.message_id or "") < (
        thread.first.date,
        thread.first.message_id or "",
    ):
        thread.first = message
    if thread.latest is None or message.date > thread.latest:
        thread.latest = message.date


def _candidate(thread: _Growing, first: Message, latest: datetime) -> Candidate:
    return Candidate(
        thread_id=thread.id,
        started=first.date,
        latest=latest,
        authors=frozenset(thread.authors),
        recipients=frozenset(thread.recipients),
        orphan=is_orphan(first),
    )
