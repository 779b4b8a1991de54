"""Where a thread may have turned into another one: proposals with their reasons. Nothing is split by it.

People answer any old mail to write about something new. It shows where the subject changes and neither its
words nor those of the mail have much in common with what was said before.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.mail import Automatic, Message
from ingest.grouping import parents
from ingest.subjects import base_subject, clean_subject, names_former_subject

# Less than this share of the new subject's words stands in the old one, or of the old one's in the new one …
SUBJECT_SHARE = 0.25
# … and less than this share of the mail's words was used before: measured on the archives of public lists.
WORDS_SHARE = 0.35
# A mail with fewer different words says too little of what it is about, …
FEWEST_WORDS = 12
# … and one with more is read as far as this, in characters.
_LONGEST = 20_000
# So many of the mails that a mail follows are compared with it.
_MOST_BEFORE = 20
_LETTERS = re.compile(r"[^\W\d_]+")
_SHORT = 4  # words of fewer letters are in every mail
# Parts of one series, as of patches, have subjects of their own by nature.
_SERIES = re.compile(r"\b\d{1,3}\s?/\s?\d{1,3}\b")
_FIRST_UNSPACED = "\u2e80"  # from here on scripts without blanks between words


@dataclass(frozen=True, kw_only=True)
class Split:
    """A mail that may begin a thread of its own."""

    message: Message
    mails: int  # that would leave: this one, its answers and theirs
    sentence: str  # why


def proposed_splits(messages: Sequence[Message]) -> tuple[Split, ...]:
    """The mails of a conversation, given in its order, with which it seems to turn to something else.

    What was written by hand on a thread is not looked at: the caller knows what was decided before.
    """
    above = parents(messages)
    answers = _answers(above)
    words = [_words(message.own_words[:_LONGEST], _SHORT) for message in messages]
    found: list[Split] = []
    subjects: set[str] = set()
    for number, message in enumerate(messages):
        parent, subject = above[number], base_subject(message.subject)
        is_first = subject not in subjects
        subjects.add(subject)
        if parent is None or not is_first or len(words[number]) < FEWEST_WORDS:
            continue
        if not _is_new(message, messages[parent]):
            continue
        said = _said_before(number, above, words) | _words(base_subject(messages[parent].subject), _SHORT)
        known = len(words[number] & said)
        if known < WORDS_SHARE * len(words[number]):
            sentence = (
                f"The subject changes from “{_shown(messages[parent])}” to “{_shown(message)}”, and of "
                f"{len(words[number])} words of this mail {known} were used in the mails that it follows."
            )
            found.append(Split(message=message, mails=_count(number, answers), sentence=sentence))
    return tuple(found)


def _is_new(message: Message, parent: Message) -> bool:
    """Whether a mail has a subject that says something else than that of the mail it answers."""
    subject, former = base_subject(message.subject), base_subject(parent.subject)
    if subject == former or not subject or not former or names_former_subject(message.subject):
        return False
    if message.automatic is not Automatic.NO or (
        _SERIES.search(message.subject) and _SERIES.search(parent.subject)
    ):
        return False
    new, old = _words(subject, 2), _words(former, 2)
    return len(new & old) < SUBJECT_SHARE * max(1, min(len(new), len(old)))


def _said_before(number: int, above: Sequence[int | None], words: Sequence[frozenset[str]]) -> frozenset[str]:
    """The words of the mails that a mail follows, the nearest ones."""
    seen = [number]
    parent = above[number]
    while parent is not None and parent not in seen and len(seen) <= _MOST_BEFORE:
        seen.append(parent)
        parent = above[parent]
    return frozenset().union(*(words[each] for each in seen[1:]))


def _answers(above: Sequence[int | None]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for number, parent in enumerate(above):
        if parent is not None:
            found.setdefault(parent, []).append(number)
    return found


def _count(number: int, answers: dict[int, list[int]]) -> int:
    """A mail and all that answers it, directly or not; each is counted once, rings too."""
    counted = {number}
    waiting = [number]
    while waiting:
        fresh = [each for each in answers.get(waiting.pop(), ()) if each not in counted]
        counted.update(fresh)
        waiting += fresh
    return len(counted)


def _words(text: str, shortest: int) -> frozenset[str]:
    """The different words of a text; of scripts without blanks each two signs that stand together."""
    found: set[str] = set()
    for word in _LETTERS.findall(text.casefold()):
        if word[0] >= _FIRST_UNSPACED:
            found.update(word[at : at + 2] for at in range(max(1, len(word) - 1)))
        elif len(word) >= shortest:
            found.add(word)
    return frozenset(found)


def _shown(message: Message) -> str:
    subject = clean_subject(message.subject)
    return subject if len(subject) <= 80 else f"{subject[:79]}…"
