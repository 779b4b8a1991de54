"""Tells the language of a thread: function words first, a character model for the rest, "und" where unsure.

Not for choosing words to count; the scorer reads English and French alike.
"""

import re
from functools import cache

from py3langid.langid import (  # type: ignore[import-untyped]
    MODEL_DIR,
    MODEL_FILE,
    LanguageIdentifier,
)

UNKNOWN = "und"
_SAMPLE = 1500  # characters are enough
_SURE_WORDS = 3  # so many function words, and twice as many as the other language, settle it
_WORD = re.compile(r"[^\W\d_]+(?:['’](?=[^\W\d_]))?")
_FUNCTION_WORDS = {
    "en": frozenset(
        [
            "the",
            "and",
            "of",
            "to",
            "is",
            "are",
            "was",
            "were",
            "be",
            "been",
            "have",
            "has",
            "had",
            "will",
            "would",
            "can",
            "could",
            "should",
            "this",
            "that",
            "these",
            "those",
            "it",
            "you",
            "we",
            "they",
            "he",
            "she",
            "my",
            "your",
            "our",
            "their",
            "with",
            "from",
            "for",
            "not",
            "but",
            "what",
            "when",
            "where",
            "who",
            "how",
            "which",
            "there",
            "here",
            "any",
            "all",
            "please",
            "thanks",
            "thank",
            "hi",
            "hello",
            "dear",
            "regards",
            "let",
            "know",
            "do",
            "does",
            "did",
            "don",
            "i'm",
            "i",
            "as",
            "at",
            "by",
            "an",
            "if",
            "or",
            "so",
            "just",
            "about",
            "up",
            "out",
            "no",
            "yes",
            "me",
            "him",
            "her",
            "us",
            "them",
            "its",
            "get",
            "got",
            "need",
            "tomorrow",
            "today",
        ]
    ),
    "fr": frozenset(
        [
            "le",
            "la",
            "les",
            "un",
            "une",
            "des",
            "du",
            "de",
            "d'",
            "l'",
            "et",
            "est",
            "sont",
            "était",
            "être",
            "avoir",
            "avez",
            "avons",
            "ont",
            "a-t",
            "que",
            "qu'",
            "qui",
            "quoi",
            "dont",
            "où",
            "ce",
            "cet",
            "cette",
            "ces",
            "il",
            "elle",
            "ils",
            "elles",
            "nous",
            "vous",
            "je",
            "j'",
            "tu",
            "mon",
            "ma",
            "mes",
            "votre",
            "vos",
            "notre",
            "nos",
            "leur",
            "leurs",
            "avec",
            "pour",
            "par",
            "sur",
            "dans",
            "pas",
            "ne",
            "n'",
            "plus",
            "mais",
            "ou",
            "donc",
            "car",
            "si",
            "comme",
            "bonjour",
            "bonsoir",
            "merci",
            "salut",
            "cordialement",
            "svp",
            "au",
            "aux",
            "en",
            "y",
            "c'",
            "s'",
            "m'",
            "t'",
            "on",
            "peut",
            "fait",
            "faire",
            "tout",
            "tous",
            "toute",
            "toutes",
            "bien",
            "très",
            "aussi",
            "même",
            "demain",
            "aujourd'hui",
            "oui",
            "non",
            "voici",
            "quand",
            "comment",
            "pourquoi",
            "à",
        ]
    ),
}
_OTHERS = (
    "de",
    "es",
    "it",
    "nl",
    "pt",
    "pl",
    "sv",
    "da",
    "no",
    "fi",
    "cs",
    "ro",
    "hu",
    "tr",
    "el",
    "ru",
    "uk",
)
_SCRIPTS = ("ar", "fa", "he", "hi", "ja", "ko", "th", "zh", "vi")


@cache
def _identifier() -> LanguageIdentifier:
    """Load the character model once; it takes most of a second, so not before it is needed."""
    identifier = LanguageIdentifier.from_modelpath(MODEL_DIR / MODEL_FILE, norm_probs=True)
    identifier.set_languages([*_FUNCTION_WORDS, *_OTHERS, *_SCRIPTS])
    return identifier


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of a text's language, "und" where nothing tells."""
    sample = text[:_SAMPLE]
    found = _WORD.findall(sample.lower().replace("’", "'"))
    hits = {code: sum(map(words.__contains__, found)) for code, words in _FUNCTION_WORDS.items()}
    best, other = sorted(hits, key=hits.__getitem__, reverse=True)
    total = len(found)
    if hits[best] >= max(_SURE_WORDS, 0.12 * total) and hits[best] >= 2 * hits[other]:
        return best
    if total < 4:
        return best if hits[best] > hits[other] else UNKNOWN
    code, chance = _identifier().classify(sample)
    if chance >= 0.8:
        return str(code)
    return best if hits[best] > hits[other] else UNKNOWN
