"""From a thread to what is posted of it: names and own words, trimmed text kept to be folded."""

from collections.abc import Collection
from dataclasses import replace

from classify.summary import digest_of
from connectors.rendering import markdown_from_text
from domain.classification import Classification
from domain.mail import Joined, Message, Thread
from domain.publication import Post, Publication
from domain.space import Space
from ingest.conversation import conversation_order, how_joined
from ingest.subjects import clean_subject
from router.addresses import recipients_of
from router.asides import shared_messages
from router.facts import Facts
from unchain.quoting import folded, said_in

UNTITLED = {"fr": "Sans objet"}  # any other language says "No subject"


def in_order(thread: Thread) -> Thread:
    """The thread with its messages in the order of the conversation, each with how it joined that order."""
    by_digest = {entry.message.digest: entry for entry in thread.messages}
    ordered = conversation_order([entry.message for entry in thread.messages])
    told = zip(ordered, how_joined(ordered), strict=True)
    messages = tuple(
        entry if entry.joined is Joined.MANUAL else replace(entry, joined=how)
        for message, how in told
        for entry in (by_digest[message.digest],)
    )
    subject = messages[0].message.subject if messages else thread.subject
    return Thread(id=thread.id, subject=subject, messages=messages, moved_to=thread.moved_to)


def shown_part(thread: Thread, facts: Facts) -> Thread:
    """The thread without its asides: what may be told of it to all of its people, subject included."""
    shared = {message.digest for message in shared_messages(facts)}
    messages = tuple(entry for entry in thread.messages if entry.message.digest in shared)
    subject = messages[0].message.subject if messages else ""
    return Thread(id=thread.id, subject=subject, messages=messages, moved_to=thread.moved_to)


def title_of(thread: Thread, language: str) -> str:
    """What a page about the thread is called: its subject without Re: and the like."""
    return clean_subject(thread.subject) or UNTITLED.get(language, "No subject")


def posts_of(facts: Facts, *, without: Collection[str] = ()) -> tuple[Post, ...]:
    """A post for each mail that was meant for the whole conversation, but for those of the given digests."""
    shared = shared_messages(facts)
    said = said_in(shared)
    return tuple(_post(message, folded(message, said)) for message in shared if message.digest not in without)


def internal_people(facts: Facts) -> frozenset[str]:
    """The internal people whom what is shown of a thread was sent to: they may read it wherever it goes."""
    reached = {
        address.email.lower()
        for message in shared_messages(facts)
        for address in (message.sender, *recipients_of(message))
    }
    members = (
        member
        for group in facts.addressed_groups
        if not reached.isdisjoint(group.addresses)
        for member in group.members
    )
    people = (facts.people & reached).union(members)
    return frozenset(email for email in people if facts.organisation.is_internal(email))


def _post(message: Message, trimmed: str) -> Post:
    return Post(
        key=message.digest,
        author=message.sender.label,
        author_key=message.sender.email,
        at=message.date,
        markdown=markdown_from_text(message.own_words),
        trimmed=trimmed,
        attachments=tuple(each.name for each in message.attachments if not each.is_signature),
    )


def publication_of(
    thread: Thread,
    posts: tuple[Post, ...],
    classification: Classification,
    space: Space,
    *,
    key: str,
    readers: frozenset[str],
) -> Publication:
    """A thread's posts as they go into a space; `thread` is the part of it that may be shown."""
    digest = digest_of(thread, classification.language)
    return Publication(
        key=key,
        thread_id=thread.id,
        space=space.name,
        place=space.place,
        title=title_of(thread, classification.language),
        posts=posts,
        language=classification.language,
        kind=classification.kind,
        audience=space.audience,
        readers=readers,
        tags=digest.key_phrases,
        digest=digest,
    )
