"""Words or a bounded regular expression to look for in a line of text; used by subject and header."""

from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from domain.linear_regex import compile_bounded, search_bounded
from domain.options import Options
from router.conditions.values import Words, without_nulls
from router.wording import contains_words, one_of, quoted


class TextPattern(Options):
    """Words as they stand in a text, or a regular expression; never both."""

    model_config = ConfigDict(json_schema_extra=without_nulls)

    words: Words | None = Field(
        default=None, description="One of these stands in it as whole words; case and accents do not matter."
    )
    regex: str | None = Field(
        default=None,
        description="A regular expression found in its first 250 characters; case does not matter. "
        "One that could take long is refused.",
    )

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.words is not None and self.regex is not None:
            raise ValueError("write either words or regex, not both")
        if self.regex is not None:
            compile_bounded(self.regex)
        return self

    def found_in(self, text: str) -> str | None:
        """What was found, as it stands in the config, or None."""
        if self.words is not None:
            return contains_words(text, self.words)
        assert self.regex is not None
        return self.regex if search_bounded(compile_bounded(self.regex), text) else None

    @property
    def wanted(self) -> str:
        """What is looked for, for a sentence."""
        return one_of(quoted(self.words)) if self.words is not None else f"“{self.regex}”"


class SomeText(TextPattern):
    """Words, or { regex = "^Q[1-4]" }."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.words is None and self.regex is None:
            raise ValueError("write words or regex")
        return self


def _as_words(value: object) -> object:
    return {"words": value} if isinstance(value, str | list | tuple) else value


TextValue = Annotated[SomeText, BeforeValidator(_as_words, json_schema_input_type=str | list[str] | SomeText)]
