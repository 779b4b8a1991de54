"""Base line that a trained classifier has to beat: a few keywords per kind, as in a mail filter."""

import re

from domain.classification import Kind
from domain.mail import Thread

_KEYWORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        Kind.NOTIFICATION,
        re.compile(r"unsubscribe|se désabonner|do not reply|ne pas répondre|no-?reply", re.I),
    ),
    (
        Kind.PERSONAL,
        re.compile(r"\b(birthday|anniversaire|lunch|beer|bière|golf|weekend|week-end|congrat)", re.I),
    ),
    (
        Kind.ANNOUNCEMENT,
        re.compile(r"pleased to|announc|call for papers|avons le plaisir|annonc|release|sortie", re.I),
    ),
    (
        Kind.KNOWLEDGE,
        re.compile(r"minutes of|how to|procedure|compte rendu|procès-verbal|procédure|mode d'emploi", re.I),
    ),
    (
        Kind.COORDINATION,
        re.compile(r"please (send|sign|review|call)|can you|pouvez-vous|peux-tu|meeting at", re.I),
    ),
    (
        Kind.QUESTION,
        re.compile(r"how do i|does anyone|why does|comment faire|quelqu'un|est-ce que|pourquoi", re.I),
    ),
    (Kind.UPDATE, re.compile(r"\bfyi\b|status|pour info|état d'avancement|figures|mise à jour", re.I)),
    (
        Kind.DISCUSSION,
        re.compile(r"i (dis)?agree|what do you think|\+1|opinion|d'accord|je pense|à mon avis", re.I),
    ),
)


def keyword_kind(thread: Thread) -> Kind:
    """Return the kind of the first keyword list that matches the thread, question where none does."""
    text = "\n".join([thread.subject, *(joined.message.own_words for joined in thread.messages)])
    return next((kind for kind, pattern in _KEYWORDS if pattern.search(text)), Kind.QUESTION)
