"""The tables of automatic mail, each read once: automatic_{marks,subjects,texts}.toml."""

import re
import tomllib
from functools import cache
from importlib.resources import files

Table = dict[str, dict[str, list[str]]]  # by section and language or sort
_PLAIN = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\t\r\n\ufeff\u200b"), " ") | {
    ord(mark): plainer for mark, plainer in zip("’`【】", "''[]", strict=True)
}


@cache
def table(name: str) -> Table:
    """The phrases of a table by section and language."""
    text = files("ingest").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    found: Table = tomllib.loads(text)
    return found


@cache
def phrases_of(section: str) -> tuple[str, ...]:
    """The phrases of a section of the texts' table, of every language."""
    return tuple(
        dict.fromkeys(phrase for found in table("automatic_texts")[section].values() for phrase in found)
    )


@cache
def alternatives(section: str) -> str:
    """The phrases of a section of the subjects' table as a pattern, the longest first."""
    every = {phrase for language in table("automatic_subjects")[section].values() for phrase in language}
    longest_first = sorted(every, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(re.escape(phrase).replace(r"\*", ".{1,40}") for phrase in longest_first)


@cache
def marks(section: str, sort: str) -> frozenset[str]:
    """The marks of a sort that are compared as they are."""
    return frozenset(table("automatic_marks")[section][sort])


@cache
def one_of(section: str, sort: str) -> re.Pattern[str]:
    """The marks of a sort that are patterns, as one; those of fields stand for whole lines."""
    every = "|".join(table("automatic_marks")[section][sort])
    whole = f"^(?:{every})$" if section == "fields" else every
    return re.compile(whole, re.IGNORECASE | re.MULTILINE)


def plain(text: str) -> str:
    """A text as the phrases are written: lower case, single blanks, one form of the apostrophe."""
    return " ".join(text.translate(_PLAIN).replace("d' ", "d'").lower().split())
