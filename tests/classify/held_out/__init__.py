"""Invented threads that no training sees: sensitive ones that must not move, and harmless look-alikes.

A thread a line: reason | subject | first mail ¶ second mail …; \\n is a line end within a mail.
"""

from dataclasses import dataclass
from pathlib import Path

from domain.mail import Thread
from ingest.own_words import split_plain
from tests.classify.threads import message, thread_of

FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Case:
    """A thread and what it is about."""

    reason: str
    thread: Thread


def cases(name: str) -> list[Case]:
    """Return the threads of a file of this folder, written to everybody as in an archive without lists."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [_case(line) for line in lines]


def _case(line: str) -> Case:
    reason, subject, texts = line.split(" | ", 2)
    messages = []
    for number, text in enumerate(texts.replace("\\n", "\n").split(" ¶ ")):
        parts = split_plain(text)
        own = "\n\n".join(part.text for part in parts if part.trim is None).strip()
        messages.append(message(number, own, subject=subject, parts=parts))
    return Case(reason=reason, thread=thread_of(subject, messages))
