"""What a thread comes to, in its authors' own sentences: for the top of a page, in place of no mail."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """A sentence of a mail, word for word, and where it stands."""

    text: str
    key: str  # the mail's digest, which is the key of its post too


@dataclass(frozen=True, kw_only=True)
class Digest:
    """The sentences and phrases that say most of a thread. All of it may be empty: short mails need none."""

    language: str  # ISO 639-1 of the thread, "und" where unknown
    question: Excerpt | None = None  # what is asked
    answer: tuple[Excerpt, ...] = ()  # what was answered to it, in the mail's order; of one mail
    decision: Excerpt | None = None  # what was settled, the last time that it was
    main: tuple[Excerpt, ...] = ()  # further sentences that matter, in the conversation's order
    key_phrases: tuple[str, ...] = ()  # most telling first; no names of persons, no addresses

    @property
    def is_empty(self) -> bool:
        """Whether there is no sentence to show."""
        return not (self.question or self.answer or self.decision or self.main)
