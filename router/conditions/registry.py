"""The table of conditions as config.toml knows it: one line for each condition, and how tables nest.

Adding a condition: its file, its line here, its test, its row in docs/rules.md.
"""

from collections.abc import Iterator
from typing import Self, cast

from pydantic import ConfigDict, Field, model_validator

from domain.options import Options
from router.conditions.age import AgeCondition
from router.conditions.attachments import AttachmentsCondition
from router.conditions.base import Condition
from router.conditions.confidence import ConfidenceCondition
from router.conditions.depth import DepthCondition
from router.conditions.domain import DomainCondition
from router.conditions.group import GroupCondition
from router.conditions.header import HeaderCondition
from router.conditions.internal import InternalCondition
from router.conditions.kind import KindCondition
from router.conditions.language import LanguageCondition
from router.conditions.length import LengthCondition
from router.conditions.list import ListCondition
from router.conditions.messages import MessagesCondition
from router.conditions.moves import MovesCondition
from router.conditions.participants import ParticipantsCondition
from router.conditions.quiet import QuietCondition
from router.conditions.recipient import RecipientCondition
from router.conditions.sender import SenderCondition
from router.conditions.subject import SubjectCondition
from router.conditions.time import TimeCondition
from router.conditions.values import NotEmpty, without_nulls

Tables = NotEmpty["ConditionTable"]


class ConditionTable(Options):
    """Conditions that must all hold; the same key in two tables of a list is fine."""

    model_config = ConfigDict(json_schema_extra=without_nulls)

    kind: KindCondition | None = None
    confidence: ConfidenceCondition | None = None
    moves: MovesCondition | None = None
    language: LanguageCondition | None = None
    sender: SenderCondition | None = None
    recipient: RecipientCondition | None = None
    list: ListCondition | None = None
    domain: DomainCondition | None = None
    group: GroupCondition | None = None
    internal: InternalCondition | None = None
    subject: SubjectCondition | None = None
    header: HeaderCondition | None = None
    messages: MessagesCondition | None = None
    participants: ParticipantsCondition | None = None
    depth: DepthCondition | None = None
    length: LengthCondition | None = None
    attachments: AttachmentsCondition | None = None
    age: AgeCondition | None = None
    quiet: QuietCondition | None = None
    time: TimeCondition | None = None

    all: Tables | None = Field(default=None, description="Every one of these tables holds.")
    any: Tables | None = Field(default=None, description="At least one of these tables holds.")
    none: Tables | None = Field(default=None, description="Not one of these tables holds.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(True for _ in self.conditions()) and not (self.all or self.any or self.none):
            raise ValueError("an empty table would always hold; write at least one condition")
        return self

    def conditions(self) -> Iterator[Condition]:
        """The conditions that are set, in the order of this file."""
        for name in CONDITION_NAMES:
            if (value := getattr(self, name)) is not None:
                yield cast(Condition, value)


NESTING = ("all", "any", "none")
CONDITION_NAMES = tuple(name for name in ConditionTable.model_fields if name not in NESTING)
