"""The phrases of all languages' tables merged: what mail clients and people write around their own words.

Reads ingest/languages/*.toml once; knows no mail. Mails mix languages (a French client quotes a German mail),
so all tables apply to every mail at once.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

HEADER_ROLES = ("from", "sent", "to", "cc", "subject", "other")


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """All phrases, lower case; patterns are alternations of fixed words, so they match in linear time."""

    wrote: re.Pattern[str]  # a verb of an attribution, as a whole word
    wrote_ends: frozenset[str]  # last words of these verbs
    wrote_before_name: frozenset[str]  # verbs that the author's name may follow
    wrote_tail: frozenset[str]  # what may stand between the verb and the colon
    openers: tuple[str, ...]  # first words of an attribution, each with a blank behind it
    citing: tuple[str, ...]  # first words of an attribution that needs no verb: "Quoting …"
    calendar: frozenset[str]  # months and weekdays
    headers: Mapping[str, str]  # label of a header line → its role
    original: frozenset[str]  # "original message"
    original_starts: tuple[str, ...]
    forwarded: frozenset[str]  # "forwarded message"
    forwarded_starts: tuple[str, ...]  # "forwarded message from …"
    reply_above: tuple[str, ...]  # "please type your reply above this line"
    notes: tuple[str, ...]  # lines that Lotus Notes puts before quoted text
    closings: frozenset[str]
    formal_closings: tuple[str, ...]  # beginnings of the sentences that close letters
    closing_from: frozenset[str]  # what may stand between a closing and a place or name: "Grüße aus Berlin"
    casual: frozenset[str]  # thanks and partings: closings only where a name follows
    name_particles: frozenset[str]  # small words within names and titles: "van der", "Head of"
    prose: frozenset[str]  # words of sentences, which lines of a signature lack: pronouns, verbs
    signature_notes: tuple[str, ...]  # beginnings of sentences that signatures hold: office hours, links
    postscripts: tuple[str, ...]  # beginnings of what is added below a signature
    contact: re.Pattern[str]  # an address, or a label like "Tel:"
    devices: tuple[str, ...]  # beginnings of "Sent from my …"
    own_devices: tuple[str, ...]  # those of them behind which any device may follow
    device_endings: tuple[str, ...]  # of lines that name a person first: "Ann reacted via Gmail"
    device_words: tuple[str, ...]  # what such a line names: a device, a program, brevity
    banners: tuple[str, ...]  # beginnings of a gateway's warning above the text
    banner_cues: tuple[str, ...]  # what such a warning speaks of
    disclaimer_openers: tuple[str, ...]
    privacy_openers: tuple[str, ...]  # of disclaimers only where they say where to read more
    disclaimer_cues: tuple[str, ...]
    disclaimer_core: tuple[str, ...]  # without one of these a paragraph that does not open like one is none
    imprint: re.Pattern[str]  # beginnings of words: what a company must state in its letters
    footers: tuple[str, ...]  # beginnings of list footers and scanners' lines
    addressed_footers: tuple[str, ...]  # those that are footers only where an address follows
    list_words: tuple[str, ...]  # what makes a footer of the lines under a rule


# Keys that are kept as they are, longest phrase first.
_BEGINNINGS = (
    "reply_above",
    "notes",
    "formal_closings",
    "signature_notes",
    "postscripts",
    "devices",
    "own_devices",
    "device_endings",
    "device_words",
    "banners",
    "banner_cues",
    "disclaimer_openers",
    "privacy_openers",
    "disclaimer_cues",
    "disclaimer_core",
    "footers",
    "addressed_footers",
    "list_words",
)


@cache
def phrases() -> Phrases:
    """The merged tables; read from the package on first use."""
    tables = list(_tables())
    return Phrases(
        wrote=_any_word([*_merged(tables, "wrote"), *_merged(tables, "wrote_before_name")]),
        wrote_ends=frozenset(verb.rsplit(" ", 1)[-1] for verb in _merged(tables, "wrote")),
        wrote_before_name=frozenset(_merged(tables, "wrote_before_name")),
        wrote_tail=frozenset(_merged(tables, "wrote_tail")),
        openers=tuple(f"{word} " for word in _merged(tables, "openers")),
        citing=tuple(f"{word} " for word in _merged(tables, "citing")),
        calendar=frozenset([*_merged(tables, "months"), *_merged(tables, "weekdays")]),
        headers=_header_labels(tables),
        original=frozenset(_merged(tables, "original")),
        original_starts=tuple(_merged(tables, "original")),
        forwarded=frozenset(_merged(tables, "forwarded")),
        forwarded_starts=tuple(_merged(tables, "forwarded")),
        closings=frozenset(_merged(tables, "closings")),
        closing_from=frozenset(_merged(tables, "closing_from")),
        casual=frozenset(_merged(tables, "casual")),
        name_particles=frozenset(_merged(tables, "name_particles")),
        prose=frozenset(_merged(tables, "prose")),
        contact=_contact(_merged(tables, "contact_labels")),
        imprint=_any_beginning(_merged(tables, "imprint")),
        **{key: tuple(_merged(tables, key)) for key in _BEGINNINGS},
    )


def _tables() -> Iterable[Mapping[str, object]]:
    folder = files("ingest.languages")
    for entry in sorted(folder.iterdir(), key=lambda found: found.name):
        if entry.name.endswith(".toml"):
            yield tomllib.loads(entry.read_text(encoding="utf-8"))


def _merged(tables: Iterable[Mapping[str, object]], key: str) -> list[str]:
    """One key of all tables, longest first, so that the longer phrase wins where two begin alike."""
    found: set[str] = set()
    for table in tables:
        found.update(_words(table.get(key, ())))
    return sorted(found, key=lambda word: (-len(word), word))


def _words(value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise TypeError("a language table holds lists of words")
    return [str(word).lower().replace("’", "'") for word in value]


def _header_labels(tables: Iterable[Mapping[str, object]]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for role in HEADER_ROLES:
        for table in tables:
            section = table.get("headers", {})
            if isinstance(section, dict):
                for label in _words(section.get(role, ())):
                    labels.setdefault(label, role)
    return labels


def _any_word(words: Iterable[str]) -> re.Pattern[str]:
    # Scripts without blanks between words (han, kana, hangul) get no word boundary.
    spaced = [re.escape(word) for word in words if not _is_cjk(word[0])]
    joined = [re.escape(word) for word in words if _is_cjk(word[0])]
    alternatives = [f"(?<!\\w)(?:{'|'.join(spaced)})(?!\\w)", *joined]
    return re.compile("|".join(alternatives))


def _any_beginning(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"(?<!\\w)(?:{'|'.join(map(re.escape, words))})")


def _contact(labels: Iterable[str]) -> re.Pattern[str]:
    """An address, or a label with a colon or number behind it; single letters only to begin a piece."""
    words = "|".join(re.escape(label) for label in labels if len(label) > 1)
    letters = "".join(label for label in labels if len(label) == 1)
    labelled = f"(?<!\\w)(?:{words})\\.? ?(?::|(?=[+(\\d]))"
    lettered = f"(?:^|[|•·,;] ?)[{letters}] ?[.:] ?(?=[+(\\d])"
    return re.compile(f"(?<!@)@\\w|https?://|www\\.|{labelled}|{lettered}")


def _is_cjk(letter: str) -> bool:
    return "\u2e80" <= letter <= "\ud7ff"
