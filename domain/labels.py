"""Sensitivity labels that say that a mail is for everybody at work; any other label keeps it in the mail."""

import unicodedata

OPEN_LABELS = frozenset(
    {
        *("", "normal", "none", "public", "general", "internal", "internal use", "unclassified"),
        *("interne", "usage interne", "publique", "non classifie", "aucun", "aucune"),
    }
)


def is_open(label: str) -> bool:
    """Whether a label is known to be for everybody at work; case, accents and runs of blanks aside."""
    bare = unicodedata.normalize("NFKD", label)
    folded = "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()
    return " ".join(folded.split()) in OPEN_LABELS
