"""Condition on the language that a thread is written in."""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from router.conditions.base import Match, ValueCondition
from router.conditions.values import OneOrMore
from router.facts import Facts
from router.wording import one_of

LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class LanguageCondition(ValueCondition[OneOrMore[LanguageCode]]):
    """The thread is written in one of these languages: ISO 639-1 codes such as en or fr, und for unknown."""

    name: ClassVar[str] = "language"

    def matches(self, facts: Facts) -> Match:
        """Whether the thread's main language is among them."""
        language = facts.classification.language
        passed = language in self.root
        wanted = "" if passed else f", not {one_of(self.root)}"
        return Match(passed=passed, sentence=f"The language is {language}{wanted}.")
