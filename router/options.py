"""The `[[rules]]` section: what to look for, where to send it, how far to go.

Which conditions there are stands in conditions/registry.py; how rules are tried, in engine.py.
"""

from typing import Self

from pydantic import Field, model_validator

from domain.decision import Stage
from domain.options import Options
from router.conditions.registry import ConditionTable
from router.conditions.values import NotEmpty

MAIL = "mail"  # the reserved space: a rule with to = "mail" leaves the thread where it is


class RuleOptions(Options):
    """One rule. Rules are tried in the file's order; the first that fits decides."""

    name: str = Field(min_length=1, max_length=200, description="Says what the rule does, in a few words.")
    when: NotEmpty[ConditionTable] = Field(
        description="Every one of these tables must hold; within a table, every condition."
    )
    unless: tuple[ConditionTable, ...] = Field(
        default=(), description="The rule does not apply where any one of these tables holds."
    )
    to: str = Field(description='Name of the space, or "mail" to leave the thread in the mail.')
    stage: Stage = Field(
        default=Stage.OBSERVE,
        description="observe: decide and record; suggest: ask the thread's starter; move: publish and tell.",
    )
    groups: tuple[str, ...] = Field(
        default=(), description="A pilot: only threads started by a member of one of these groups."
    )
    also: bool = Field(
        default=False, description="Send it here too, and go on to the next rules for where it belongs."
    )

    @model_validator(mode="after")
    def _mail_is_not_also(self) -> Self:
        if self.also and self.to == MAIL:
            raise ValueError('also = true needs a space; to = "mail" leaves the thread in the mail')
        return self
