"""What an admin is shown about how a conversation was judged, and what people have said of it since."""

from dataclasses import dataclass

from sqlmodel import Session

from domain.classification import Classification, Kind
from domain.lesson import Lesson
from store import decisions, lessons, people

SHOWN = 20  # of what was said, the newest


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing that a person said of the conversation."""

    lesson: Lesson
    name: str  # of the person, never the address


@dataclass(frozen=True, kw_only=True)
class CorrectionPanel:
    """Context of the part of thread.html that admins see."""

    found: Classification | None  # of the last decision
    said: tuple[Said, ...]  # newest first
    kinds: tuple[Kind, ...]


def correction_panel(session: Session, thread_id: str) -> CorrectionPanel:
    """What an admin is shown about how a living conversation was judged."""
    said = lessons.of_thread(session, thread_id)
    return CorrectionPanel(
        found=decisions.latest_classification(session, thread_id),
        said=tuple(Said(lesson=each, name=_name(session, each.by)) for each in reversed(said[-SHOWN:])),
        kinds=tuple(Kind),
    )


def _name(session: Session, by: str) -> str:
    return people.person(session, by).label if "@" in by else by
