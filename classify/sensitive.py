"""The sensitive gate: what keeps a thread in the mail whatever its kind, each hit with reason and place.

Reads every text of a thread, quotes too: a secret in a quote is still a secret. Never repeats the secret.
What is certain holds alone; words of sensitive matters (`matters.py`) hold together with the trained part.
"""

import re
from dataclasses import dataclass

from classify.additions import NONE, Additions
from classify.matters import NOTHING, SCANNED, Touched, shipped_index, spoken, subject_and_text, touched
from classify.secret_numbers import secret_numbers
from domain.classification import SensitiveHit
from domain.labels import is_open
from domain.mail import Message, Thread

# What a marking line says between the signs around it; in the languages whose organisations write to us.
_BEFORE = (
    r"(?:strictly|highly|private|company|privileged|personal|strictement|tr[eè]s|priv[eé]|streng|and|et|&)"
)
_PROTECTED = r"prot(?:ected|[eé]g[eé])[ -][abc]"
_MARKING = re.compile(
    rf"(?:{_BEFORE}\W{{1,5}}){{0,4}}(?:confidential|confidentiel(?:le)?|privileged|restricted|secret"
    r"|internal only|diffusion restreinte|vertraulich|geheim|confidencial|reservado|riservato|vertrouwelijk)"
    r"(?:\W{1,5}confident(?:ial|iel|ielle))?"
    rf"|{_PROTECTED}(?:\W{{1,5}}(?:{_PROTECTED}|when completed|une fois rempli))?"
    r"|tlp ?: ?(?:red|amber)(?:\+strict)?|official\W{1,3}sensitive",
    re.IGNORECASE,
)
_LABEL_LINE = re.compile(
    r"(?:sensitivity|sensibilité|classification)\s{0,5}:\s{0,5}(?!normal|public|none|aucune"
    r"|(?:unclassified|non[ -]classifiée?|internal|interne|general|général)\s{0,5}(?:/|$))\w"
    r"|(?:confidential|confidentiel|restricted|hr|rh|privileged|secret)\]",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[\W_]*")
_LONGEST_MARKING = 80
_MARKED_SUBJECT = re.compile(
    r"\b(?:confidential|confidentiel(?:le)?s?|privileged|do not forward"
    r"|ne pas (?:transf|diffus|faire suivre)\w*|sous embargo|under embargo|eyes only)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """What the rules of the gate say of a thread."""

    certain: tuple[SensitiveHit, ...] = ()  # each of them holds the thread
    touched: Touched = NOTHING  # words of sensitive matters, for the trained part to weigh

    @property
    def hits(self) -> tuple[SensitiveHit, ...]:
        """What holds a thread where the trained part cannot judge it: all that was found."""
        return self.certain + self.touched.hits


def gate(thread: Thread, additions: Additions = NONE) -> tuple[SensitiveHit, ...]:
    """Return all that the rules find in the thread, nothing where they find nothing. Never raises."""
    return weigh(thread, additions).hits


def weigh(thread: Thread, additions: Additions = NONE) -> Weighed:
    """Return what the rules say of the thread. Never raises: a failure is a certain hit."""
    try:
        return Weighed(
            certain=definite(thread) + additions.hits(thread),
            touched=touched(thread, shipped_index(), additions.allowed),
        )
    except Exception as error:  # noqa: BLE001 - fails closed: what cannot be judged stays in the mail
        detail = f"The gate could not judge it ({type(error).__name__})."
        return Weighed(certain=(SensitiveHit(reason="gate failed", detail=detail),))


def definite(thread: Thread) -> tuple[SensitiveHit, ...]:
    """Return hits that need no points: labels, markings, credentials, identity and bank numbers."""
    hits: dict[tuple[str, str], SensitiveHit] = {}
    for joined in thread.messages:
        message = joined.message
        for reason, detail in (
            *_labels(message),
            *_markings(message),
            *secret_numbers(subject_and_text(message)),
        ):
            hit = SensitiveHit(reason=reason, detail=detail, message_id=message.message_id)
            hits.setdefault((reason, detail), hit)
    return tuple(hits.values())


def _labels(message: Message) -> list[tuple[str, str]]:
    found = []
    if message.encrypted:
        found.append(("label", "A mail in it is encrypted."))
    if not all(map(is_open, message.sensitivity)):
        found.append(("label", "A mail in it bears a sensitivity label."))
    if sum(len(part.text) for part in message.parts) > SCANNED:
        found.append(("label", "A mail in it is too long to be read whole."))
    return found


def _markings(message: Message) -> list[tuple[str, str]]:
    if _MARKED_SUBJECT.search(message.subject):
        return [("marking", "Its subject marks it as not for others.")]
    if any(_is_marking(line) for line in spoken(message).splitlines()):
        return [("marking", "A line in it marks it as not for others.")]
    return []


def _is_marking(line: str) -> bool:
    """Whether a line says that all of the mail is to be kept, and nothing else, or begins with a label."""
    start = _SIGNS.match(line)
    words = line[start.end() if start is not None else 0 :]
    if _LABEL_LINE.match(words):
        return words.partition("]")[0] == words or "[" in line[: len(line) - len(words)]
    return (
        len(words) <= _LONGEST_MARKING and _MARKING.fullmatch(words.rstrip(" \t*-_=!.:;,)]>#/")) is not None
    )
