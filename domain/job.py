"""A step of work that a worker claims, leases and finishes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    """What a job does with its subject."""

    FORWARD = "forward"  # hand a raw mail to the next hop; subject: raw mail id
    PROCESS = "process"  # parse and thread a raw mail; subject: raw mail id
    JUDGE = "judge"  # classify and decide a settled thread; subject: thread id
    PUBLISH = "publish"  # post a publication; subject: publication key
    APPEND = "append"  # add later mails of a moved thread; subject: publication key
    MOVE = "move"  # a person accepted a suggestion; subject: thread id
    SYNC = "sync"  # read what was answered in the space; subject: publication key
    RECALL = "recall"  # take a thread's publications back; subject: thread id


@dataclass(frozen=True, kw_only=True)
class Job:
    """A claimed job."""

    id: int
    kind: JobKind
    subject: str
    attempts: int  # failed ones so far
    revision: int  # grows when the job is asked for again while it runs
    lease_until: datetime
    owner: str = ""  # who has claimed it
