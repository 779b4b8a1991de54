"""Telling decisions in the reader's language: the sentences of reasons and trails, translated when shown.

Decisions are kept in English, one wording for logs, tests and both languages; what the catalogue does not
know is shown as it is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.decision import Decision, TrailStep
from router.french import NAMES, SENTENCES, WORDS
from router.wording import typeset_french

_LONGEST = 2000  # a sentence of ours is far shorter
_PLACE = re.compile(r"\{(\w+)\}")


def _compiled(template: str) -> re.Pattern[str]:
    pieces = _PLACE.split(template)
    for index in range(1, len(pieces), 2):
        matter = r"\d+" if pieces[index] in ("n", "m") else ".*?"
        pieces[index] = f"(?P<{pieces[index]}>{matter})"
    pieces[::2] = [re.escape(piece) for piece in pieces[::2]]
    return re.compile("".join(pieces), re.DOTALL)


_CATALOGUE = tuple((_compiled(english), french) for english, french in SENTENCES.items() if "{" in english)


def sentence_in(language: str, sentence: str) -> str:
    """A sentence of a reason or trail in a language; unchanged where it is English or not known."""
    return _TRANSLATORS.get(language, _unchanged)(sentence)


def decision_in(language: str, decision: Decision) -> Decision:
    """A decision as people of a language read it: reason and trail, names of steps included."""
    if language not in _TRANSLATORS:
        return decision
    return replace(
        decision,
        reason=sentence_in(language, decision.reason),
        trail=tuple(_step_in(language, step) for step in decision.trail),
    )


def _step_in(language: str, step: TrailStep) -> TrailStep:
    return TrailStep(
        name=_name_in_french(step.name),
        passed=step.passed,
        sentence=sentence_in(language, step.sentence),
        steps=tuple(_step_in(language, below) for below in step.steps),
    )


def _name_in_french(name: str) -> str:
    if name in NAMES:
        return typeset_french(NAMES[name])
    sort, colon, rest = name.partition(": ")
    return f"{NAMES[sort]}\u00a0: {rest}" if colon and sort in NAMES else name


def _in_french(sentence: str) -> str:
    if sentence in SENTENCES:
        return typeset_french(SENTENCES[sentence])
    if len(sentence) > _LONGEST:
        return sentence
    for pattern, french in _CATALOGUE:
        if (found := pattern.fullmatch(sentence)) is not None:
            return _filled(typeset_french(french), found.groupdict())
    return sentence


def _filled(french: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: _value(place[1], values[place[1]]), french)


def _value(name: str, value: str) -> str:
    if name == "sentence":
        return _in_french(value)
    if name in ("words", "word"):
        value = value.replace("“", "«\u00a0").replace("”", "\u00a0»")
    for english, french in WORDS.get(name, {}).items():
        value = re.sub(rf"(?<![^\s,]){re.escape(english)}(?![^\s,])", french, value)
    return value


def _unchanged(sentence: str) -> str:
    return sentence


_TRANSLATORS: dict[str, Callable[[str], str]] = {"fr": _in_french}
