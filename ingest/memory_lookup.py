"""Threads in memory that grow mail by mail. The stored threads are looked up elsewhere."""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from domain.mail import Message
from ingest.assignment import Assignment, Held
from ingest.conversation import Age, age, conversation_order
from ingest.grouping import group, keep_ids
from ingest.linking import MOST_EXAMINED
from ingest.subjects import base_subject

_Placed = tuple[Age, int]  # a mail's age and its number


class MemoryLookup:
    """Threads in memory: a ThreadLookup that also keeps what `assign` has decided."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._mentions: list[tuple[str, ...]] = []
        self._homes: dict[int, str] = {}  # the thread of each mail, perhaps merged since
        self._threads: dict[str, list[int]] = {}
        self._merged: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._subjects: dict[str, list[_Placed]] = {}
        self._holders: dict[str, list[_Placed]] = {}
        self._next = 0

    def threads_of(self, keys: Collection[str]) -> dict[str, str]:
        """The thread of each key that was mentioned."""
        return {key: self._alive(self._keys[key]) for key in keys if key in self._keys}

    def holders(self, message_ids: Collection[str], around: datetime) -> Sequence[Held]:
        """The mails with one of these ids."""
        return [held for each in message_ids for held in self._around(self._holders.get(each, []), around)]

    def near(self, subject: str, around: datetime, within: timedelta) -> Sequence[Held]:
        """The mails with this base subject that are near in time."""
        found = self._around(self._subjects.get(subject, []), around)
        return [held for held in found if abs(held.message.date - around) <= within]

    def keep(self, message: Message, assignment: Assignment) -> None:
        """Put a mail where `assign` says; merge what belongs together, take apart what does not any more."""
        number = len(self._messages)
        self._messages.append(message)
        self._mentions.append(assignment.mentions)
        target = self._begin() if assignment.thread_id is None else assignment.thread_id
        target = self._merge(target, assignment.merges)
        self._put([number], target)
        for key in assignment.mentions:
            self._keys.setdefault(key, target)
        insort(self._subjects.setdefault(base_subject(message.subject), []), (age(message), number))
        if message.message_id is not None:
            insort(self._holders.setdefault(message.message_id, []), (age(message), number))
        if assignment.reopened:
            self._regroup({target, *map(self._alive, assignment.reopened)})

    def threads(self) -> list[list[Message]]:
        """All threads, oldest first, each in the order of its conversation."""
        ordered = [
            conversation_order([self._messages[number] for number in numbers])
            for numbers in self._threads.values()
        ]
        return sorted(ordered, key=lambda thread: age(thread[0]))

    def _regroup(self, thread_ids: Collection[str]) -> None:
        """Find the threads of these threads' mails anew."""
        members = [number for each in thread_ids for number in self._threads.pop(each)]
        current = {self._messages[each].digest: self._alive(self._homes[each]) for each in members}
        kept = keep_ids(group([self._messages[each] for each in members]), current)
        numbers: dict[str, list[int]] = {}
        for each in members:
            numbers.setdefault(self._messages[each].digest, []).append(each)
        targets = [thread_id or self._begin() for thread_id, _ in kept]
        for target, (_, messages) in zip(targets, kept, strict=True):
            mails = [numbers[message.digest].pop() for message in messages]
            self._put(mails, target)
            self._keys.update(dict.fromkeys((key for each in mails for key in self._mentions[each]), target))
        for each in members:  # an id leads to a mail that has it, rather than to one that names it
            own = self._messages[each].message_id
            if own is not None:
                self._keys[own] = self._homes[each]
        for gone in set(thread_ids) - set(targets):
            self._merged[gone] = targets[0]

    def _begin(self) -> str:
        self._next += 1
        self._threads[str(self._next)] = []
        return str(self._next)

    def _put(self, numbers: Iterable[int], target: str) -> None:
        for number in numbers:
            self._homes[number] = target
            self._threads.setdefault(target, []).append(number)

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
        target = max(alive, key=lambda each: len(self._threads[each]))
        for each in alive:
            if each != target:
                self._put(self._threads.pop(each), target)
                self._merged[each] = target
        return target

    def _around(self, places: Sequence[_Placed], around: datetime) -> list[Held]:
        middle = bisect_left(places, ((around.timestamp(), "", ""), 0))
        nearest = places[max(0, middle - MOST_EXAMINED) : middle + MOST_EXAMINED]
        found = [(self._alive(self._homes[number]), self._messages[number]) for _, number in nearest]
        return [
            Held(thread_id=thread_id, message=message, mails=len(self._threads[thread_id]))
            for thread_id, message in found
        ]
