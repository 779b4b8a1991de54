"""What people have said of a thread against the classifier, and what that comes to. Decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.classification import Kind


class LessonSort(StrEnum):
    """How it was said."""

    CORRECTION = "correction"  # an admin told the right answer
    VETO = "veto"  # a recall or KEEP IN MAIL: evidence that it should not have moved


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One thing said; what it leaves None it says nothing about."""

    sort: LessonSort
    kind: Kind | None = None
    sensitive: bool | None = None
    moves: bool | None = None
    by: str  # address of the person, or "operator" with the account that ran the command
    at: datetime  # aware
    about: str = ""  # id of the thread that it was said of; what is said of one thread later counts there
    seen: frozenset[str] = frozenset()  # digests of the mails that the thread had then


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What the lessons about a thread come to; where two threads became one, the more careful answer."""

    kind: Kind | None = None
    sensitive: bool | None = None
    moves: bool | None = None  # by a correction
    vetoed: bool = False  # by a veto, and no correction since said that it moves
    cleared: frozenset[str] = frozenset()  # mails of which somebody said that they are not sensitive

    @property
    def keeps(self) -> bool:
        """Whether a correction keeps the thread in the mail."""
        return self.sensitive is True or self.moves is False


def taught_by(lessons: Iterable[Lesson]) -> Taught:
    """Put lessons together, oldest first: of one thread the last word counts, of several the careful one."""
    ordered = sorted(lessons, key=lambda each: each.at)
    said = [each for each in ordered if each.sort is LessonSort.CORRECTION]
    private = _last(each for each in said if each.sensitive is not None)
    moving = _last(each for each in said if each.moves is not None)
    vetoes = [each for each in ordered if each.sort is LessonSort.VETO]
    answers = {each.sensitive for each in private}
    places = {each.moves for each in moving}
    return Taught(
        kind=next((each.kind for each in reversed(said) if each.kind is not None), None),
        sensitive=True if True in answers else (False if answers else None),
        moves=False if False in places else (True if places else None),
        vetoed=bool(vetoes) and not any(each.moves and each.at > vetoes[-1].at for each in moving),
        cleared=frozenset(digest for each in private if each.sensitive is False for digest in each.seen),
    )


def _last(lessons: Iterable[Lesson]) -> list[Lesson]:
    """The last lesson about each thread."""
    return list({each.about: each for each in lessons}.values())
