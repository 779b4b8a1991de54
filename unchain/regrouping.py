"""Finding the threads of some threads' mails anew, and moving the mails whose thread is another one now.

Out of a thread that is shown in a space no mail is moved any more: who has read the page has read it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from domain.mail import Message
from ingest.conversation import age
from ingest.grouping import Corrections, group, keep_ids
from ingest.threading import keys_of
from store import corrections, rethreading, threads
from store.corrections import Correction, CorrectionSort


@dataclass(frozen=True, kw_only=True)
class Regrouped:
    """Where the mails of some threads are now."""

    homes: Mapping[str, str]  # the thread of each digest
    changed: frozenset[str]  # living threads that have gained or lost mails


def regroup(
    session: Session,
    thread_ids: Collection[str],
    said: Sequence[Correction],
    *,
    fresh: tuple[Message, str] | None = None,
) -> Regrouped:
    """Find the threads of these threads' mails anew; `said` are the corrections that concern them.

    `fresh` is a mail that comes in, and its source: its thread is found, and made where it begins one, but
    adding it is left to the caller.
    """
    members = rethreading.messages_of(session, thread_ids)
    current = {each.digest: thread_id for thread_id, mails in members.items() for each in mails}
    mails = [each for thread in members.values() for each in thread]
    new = [] if fresh is None else [fresh[0]]
    kept = keep_ids(group([*mails, *new], _corrections(session, members, said)), current)
    homes: dict[str, str] = {}
    for thread_id, messages in kept:
        target = thread_id or _begin(session, messages, current, fresh)
        homes.update((message.digest, target) for message in messages)
    changed = _move(session, members, homes)
    corrections.renew(session, said)
    return Regrouped(homes=homes, changed=changed)


def _corrections(
    session: Session, members: Mapping[str, Sequence[Message]], said: Sequence[Correction]
) -> Corrections:
    pairs = [(each.digest, each.other_digest) for each in said if each.sort is CorrectionSort.JOIN]
    standing = rethreading.standing(session, members)
    return Corrections(
        joined=tuple(pairs),
        split=frozenset(each.digest for each in said if each.sort is CorrectionSort.SPLIT),
        settled=tuple(frozenset(mail.digest for mail in members[each]) for each in sorted(standing)),
    )


def _begin(
    session: Session,
    messages: Sequence[Message],
    current: Mapping[str, str],
    fresh: tuple[Message, str] | None,
) -> str:
    """Make a thread for mails that leave theirs; where it came from, no mail may be sent about it either."""
    sources = [current[message.digest] for message in messages if message.digest in current]
    origin = rethreading.origin(session, sources[0]) if sources else fresh[1] if fresh else ""
    return threads.begin(session, min(messages, key=age), origin=origin)


def _move(
    session: Session, members: Mapping[str, Sequence[Message]], homes: Mapping[str, str]
) -> frozenset[str]:
    """Move the mails whose thread has changed; an emptied thread goes where most of its mails went."""
    gone: dict[str, str] = {}
    changed: set[str] = set()
    extra: dict[str, set[str]] = {}
    moved: list[Message] = []
    for thread_id, mails in members.items():
        targets = Counter(homes[mail.digest] for mail in mails)
        leaving = [mail for mail in mails if homes[mail.digest] != thread_id]
        if leaving:
            changed |= {thread_id, *targets}
            moved += leaving
        if mails and thread_id not in targets:
            gone[thread_id] = targets.most_common(1)[0][0]
        # Who got a copy of some mail, nobody knows which: of any of them, so that no gate opens.
        known = {person for mail in mails for person in threads.people_in(mail)}
        unnamed = threads.people_of(session, thread_id) - known
        for target in targets:
            extra.setdefault(target, set()).update(unnamed)
        for target in set(targets) - {thread_id}:
            digests = [mail.digest for mail in mails if homes[mail.digest] == target]
            rethreading.move(session, digests, target, of=thread_id)
    for empty, target in gone.items():
        threads.merge(session, target, [empty])
    changed -= set(gone)
    _recount(session, [mail for mails in members.values() for mail in mails], homes, changed, extra)
    _lead(session, members, moved, homes)
    return frozenset(changed)


def _recount(
    session: Session,
    mails: Sequence[Message],
    homes: Mapping[str, str],
    changed: Collection[str],
    extra: Mapping[str, Collection[str]],
) -> None:
    inside: dict[str, list[Message]] = {}
    for mail in mails:
        inside.setdefault(homes[mail.digest], []).append(mail)
    for thread_id in changed:
        people = {person for mail in inside[thread_id] for person in threads.people_in(mail)}
        first = min(inside[thread_id], key=age)
        rethreading.recount(session, thread_id, first.subject, people.union(extra.get(thread_id, ())))


def _lead(
    session: Session,
    members: Mapping[str, Sequence[Message]],
    moved: Sequence[Message],
    homes: Mapping[str, str],
) -> None:
    """Let the keys of moved mails lead to their new threads, an id that a mail has always to that one's."""
    keys = {key: homes[mail.digest] for mail in moved for key in keys_of(mail)}
    for mails in members.values():
        keys.update((mail.message_id, homes[mail.digest]) for mail in mails if mail.message_id in keys)
    rethreading.lead(session, keys)
