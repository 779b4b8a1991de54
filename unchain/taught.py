"""Judging a thread with what people have said of it: their word goes before the classifier's, within limits.

That something is not sensitive holds for the mails that the person could read, and only against what words
suggest: labels, encryption, markings, secrets and numbers stay what they are. Nothing is written here.
"""

from collections.abc import Callable
from dataclasses import replace

from domain.classification import Classification, Kind, SensitiveHit
from domain.lesson import Taught
from domain.mail import Thread

Classify = Callable[[Thread], Classification]

TOLD = SensitiveHit(reason="correction", detail="A person said that it is sensitive.")


def classify_taught(classify: Classify, thread: Thread, taught: Taught) -> Classification:
    """Classify a thread and correct what people have said of it."""
    found = _with_kind(classify(thread), taught)
    if taught.sensitive is True:
        found = replace(found, sensitive=True, sensitive_hits=(TOLD, *found.sensitive_hits))
    elif taught.sensitive is False:
        hits = _remaining(classify, thread, found, taught.cleared)
        found = replace(found, sensitive=bool(hits), sensitive_hits=hits, moves=found.would_move and not hits)
    if taught.moves is not None:
        found = replace(found, moves=taught.moves, would_move=taught.moves)
    said = (("kind", taught.kind), ("sensitive", taught.sensitive), ("moves", taught.moves))
    corrected = tuple(name for name, answer in said if answer is not None)
    return replace(found, moves=found.moves and not found.sensitive, corrected=corrected)


def _with_kind(found: Classification, taught: Taught) -> Classification:
    """A kind that a person told is certain; what is personal does not move unless somebody said so too."""
    if taught.kind is None:
        return found
    would_move = found.would_move and taught.kind is not Kind.PERSONAL
    return replace(
        found,
        kind=taught.kind,
        scores={kind: float(kind is taught.kind) for kind in Kind},
        abstained=False,
        moves=found.moves and would_move,
        would_move=would_move,
    )


def _remaining(
    classify: Classify, thread: Thread, found: Classification, cleared: frozenset[str]
) -> tuple[SensitiveHit, ...]:
    """The reasons that hold although a person said that the cleared mails are not sensitive.

    Where mails have come since, they are judged by themselves, and what only old and new ones together
    suggest holds too.
    """
    certain = tuple(hit for hit in found.sensitive_hits if not hit.by_words)
    old = [entry for entry in thread.messages if entry.message.digest in cleared]
    if len(old) == len(thread.messages):
        return certain
    new = [entry for entry in thread.messages if entry.message.digest not in cleared]
    lifted = {hit.reason for hit in classify(replace(thread, messages=tuple(old))).sensitive_hits}
    fresh = classify(replace(thread, messages=tuple(new))).sensitive_hits
    together = (hit for hit in found.sensitive_hits if hit.by_words and hit.reason not in lifted)
    return tuple(dict.fromkeys((*certain, *fresh, *together)))
