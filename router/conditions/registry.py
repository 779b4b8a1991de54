"""The table of conditions as config.toml knows it: one line for each condition, and how tables nest.

Adding a condition: its file, its line here, its test, its row in docs/rules.md.
"""

from collections.abc import Iterator
from typing import Any, Self, cast

from pydantic import BaseModel, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

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


def _key(condition: type[BaseModel]) -> Any:  # pydantic's Field has no narrower type
    return Field(default=None, description=condition.__doc__)


def _nested(description: str) -> Any:  # pydantic's Field has no narrower type
    return Field(default=None, min_length=1, description=description)


class ConditionTable(Options):
    """Conditions that must all hold; the same key in two tables of a list is fine."""

    kind: KindCondition | SkipJsonSchema[None] = _key(KindCondition)
    confidence: ConfidenceCondition | SkipJsonSchema[None] = _key(ConfidenceCondition)
    moves: MovesCondition | SkipJsonSchema[None] = _key(MovesCondition)
    language: LanguageCondition | SkipJsonSchema[None] = _key(LanguageCondition)
    sender: SenderCondition | SkipJsonSchema[None] = _key(SenderCondition)
    recipient: RecipientCondition | SkipJsonSchema[None] = _key(RecipientCondition)
    list: ListCondition | SkipJsonSchema[None] = _key(ListCondition)
    domain: DomainCondition | SkipJsonSchema[None] = _key(DomainCondition)
    group: GroupCondition | SkipJsonSchema[None] = _key(GroupCondition)
    internal: InternalCondition | SkipJsonSchema[None] = _key(InternalCondition)
    subject: SubjectCondition | SkipJsonSchema[None] = _key(SubjectCondition)
    header: HeaderCondition | SkipJsonSchema[None] = _key(HeaderCondition)
    messages: MessagesCondition | SkipJsonSchema[None] = _key(MessagesCondition)
    participants: ParticipantsCondition | SkipJsonSchema[None] = _key(ParticipantsCondition)
    depth: DepthCondition | SkipJsonSchema[None] = _key(DepthCondition)
    length: LengthCondition | SkipJsonSchema[None] = _key(LengthCondition)
    attachments: AttachmentsCondition | SkipJsonSchema[None] = _key(AttachmentsCondition)
    age: AgeCondition | SkipJsonSchema[None] = _key(AgeCondition)
    quiet: QuietCondition | SkipJsonSchema[None] = _key(QuietCondition)
    time: TimeCondition | SkipJsonSchema[None] = _key(TimeCondition)

    all: tuple["ConditionTable", ...] | SkipJsonSchema[None] = _nested("Every one of these tables holds.")
    any: tuple["ConditionTable", ...] | SkipJsonSchema[None] = _nested("At least one of these tables holds.")
    none: tuple["ConditionTable", ...] | SkipJsonSchema[None] = _nested("Not one of these tables holds.")

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
