"""The few words that we write around posts, in English and French, and how dates and names are shown."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from babel.core import UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list

SOURCE = "en"  # for any language that has no words here
_WORDS = {
    "en": {
        "trimmed": "Quoted text and signature",
        "attachments": "Attachments",
        "origin": "This was a mail conversation between {names}. Unchain moved it here.",
        "whole": "Read on here: {link}",
        "nobody": "Somebody",
        "question": "Question",
        "answer": "Answer",
        "decision": "Decision",
        "related": "See also",
        "talk": "Discussion",
        "moment": "{day}, {time}",
    },
    "fr": {
        "trimmed": "Texte cité et signature",
        "attachments": "Pièces jointes",
        "origin": "C’était une conversation par courriel entre {names}. Unchain l’a déplacée ici.",
        "whole": "Lire la suite ici : {link}",
        "nobody": "Quelqu’un",
        "question": "Question",
        "answer": "Réponse",
        "decision": "Décision",
        "related": "Voir aussi",
        "talk": "Discussion",
        "moment": "{day} à {time}",
    },
}
_ONE = {
    "en": "This was a mail by {names}. Unchain moved it here.",
    "fr": "C’était un courriel de {names}. Unchain l’a déplacé ici.",
}
_ADDRESS = re.compile(r"@[^\s<>()]*")


def say(word: str, language: str, **values: str) -> str:
    """A sentence in a language, in English where it is not known."""
    return _WORDS.get(language, _WORDS[SOURCE])[word].format(**values)


def origin(names: Sequence[str], language: str) -> str:
    """Where a publication came from, and whose words it holds."""
    language = language if language in _WORDS else SOURCE
    if len(names) == 1:
        return _ONE[language].format(names=names[0])
    return say("origin", language, names=format_list(list(names), locale=language))


def moment(at: datetime, language: str, zone: tzinfo = UTC) -> str:
    """Date and time of day with its zone, in 24 hours; `at` is aware."""
    local = at.astimezone(zone)
    try:
        day = format_date(local, "d MMMM y", locale=language)
    except (UnknownLocaleError, ValueError):
        day = format_date(local, "d MMMM y", locale=SOURCE)
    return say("moment", language, day=day, time=f"{local:%H:%M %Z}")


def name_of(author: str, language: str) -> str:
    """A name to show; where somebody has none but an address, what stands before its @."""
    return " ".join(_ADDRESS.sub("", author).split()) or say("nobody", language)
