"""What an organisation adds to the sensitive gate by `[sensitive]`: reasons to hold, words that mean nothing.

Own reasons always hold; allowed phrases never undo a number, a marking or a label.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from classify.matters import Topic, index_of, subject_and_text, touched
from classify.phrases import PhraseIndex, plain
from domain.classification import SensitiveHit
from domain.linear_regex import compile_linear
from domain.mail import Message, Thread
from domain.options import Options


def _phrase(text: str) -> str:
    if len(plain(text.rstrip("*"))) < 3:
        raise ValueError(f"“{text}” is too short: a phrase needs three letters or digits")
    return text


def _pattern(text: str) -> str:
    compile_linear(text)
    return text


def _address(text: str) -> str:
    name, at, domain = text.strip().lower().rpartition("@")
    if not at or not domain or " " in text.strip():
        raise ValueError(f"“{text}” is no address; write legal@example.com, or @example.com for a domain")
    return f"{name}@{domain}"


Phrase = Annotated[str, AfterValidator(_phrase)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Mailbox = Annotated[str, AfterValidator(_address)]


class HoldOptions(Options):
    """`[[sensitive.hold]]`: what holds a thread for a reason of the organisation's own."""

    reason: str = Field(
        pattern=r"^[^\W\d_][\w -]{0,39}$", description="A word or two for it, shown where a thread is held."
    )
    words: tuple[Phrase, ...] = Field(
        default=(),
        description="Words and phrases that hold it, case and accents aside; a closing * lets a word go on.",
    )
    patterns: tuple[Pattern, ...] = Field(
        default=(),
        description="Regular expressions with bounded repetitions, case aside, for example DOS-[0-9]{6}.",
    )
    addresses: tuple[Mailbox, ...] = Field(
        default=(),
        description="Where one of these writes or receives, it is held; @example.com stands for a domain.",
    )
    lists: tuple[Phrase, ...] = Field(
        default=(), description="Mailing lists by address or List-Id whose threads are held."
    )

    @model_validator(mode="after")
    def _holds_something(self) -> "HoldOptions":
        if not (self.words or self.patterns or self.addresses or self.lists):
            raise ValueError("needs words, patterns, addresses or lists")
        return self


class SensitiveOptions(Options):
    """`[sensitive]`: additions to the gate."""

    hold: tuple[HoldOptions, ...] = Field(default=(), description="Reasons of your own, one table each.")
    allow: tuple[Phrase, ...] = Field(
        default=(),
        description="Phrases in which the gate's own words mean nothing, for example the name of a product.",
    )


@dataclass(frozen=True, kw_only=True)
class Additions:
    """The options ready for use."""

    options: SensitiveOptions

    def hits(self, thread: Thread) -> tuple[SensitiveHit, ...]:
        """Return a hit for each own reason that the thread gives, at its first place."""
        return tuple(
            dict.fromkeys(hit for hold in self.options.hold for hit in [*self._of(hold, thread)][:1])
        )

    @cached_property
    def allowed(self) -> tuple[str, ...]:
        """The allowed phrases in their plain form, longest first."""
        return tuple(sorted(map(plain, self.options.allow), key=len, reverse=True))

    @cached_property
    def _indexes(self) -> dict[HoldOptions, PhraseIndex[Topic]]:
        return {
            hold: index_of([Topic(reason=hold.reason, detail="", points=1, phrases=hold.words)])
            for hold in self.options.hold
            if hold.words
        }

    def _of(self, hold: HoldOptions, thread: Thread) -> Iterator[SensitiveHit]:
        if hold in self._indexes:
            for finding in touched(thread, self._indexes[hold]).findings:
                yield _hit(hold, "Words of your own list are in it.", finding.message_id)
        patterns = [compile_linear(pattern) for pattern in hold.patterns]
        for joined in thread.messages:
            message = joined.message
            if patterns and _fits(patterns, subject_and_text(message)):
                yield _hit(hold, "A pattern of your own list fits it.", message.message_id)
            if not _people(message).isdisjoint(hold.addresses):
                yield _hit(hold, "Somebody of your own list takes part.", message.message_id)
            if not _lists(message).isdisjoint(map(str.lower, hold.lists)):
                yield _hit(hold, "It went to a mailing list of your own list.", message.message_id)


NONE = Additions(options=SensitiveOptions())


def _hit(hold: HoldOptions, detail: str, place: str | None) -> SensitiveHit:
    return SensitiveHit(reason=hold.reason, detail=detail, message_id=place)


def _fits(patterns: list[re.Pattern[str]], text: str) -> bool:
    return any(pattern.search(text) is not None for pattern in patterns)


def _people(message: Message) -> frozenset[str]:
    """Addresses of who wrote or received, and their domains with @ before them."""
    people = (
        message.sender,
        *(*message.to, *message.cc, *message.bcc, *message.bystanders, *message.answers_to),
        *(forwarded.sender for forwarded in message.forwarded),
    )
    return frozenset(
        written for each in people if each.email for written in (each.email.lower(), f"@{each.domain}")
    )


def _lists(message: Message) -> frozenset[str]:
    """The List-Id, and the addresses that a list may have."""
    named = (message.list_id or "").lower().rpartition("<")[2].rstrip("> ").strip()
    return frozenset(
        (named, *(address.email.lower() for address in (*message.to, *message.cc, *message.answers_to)))
    ) - {""}
