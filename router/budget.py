"""Loop and storm protection: how many mails of our own may go to a thread, a person, a domain and in all.

Pure: somebody else counts what was sent. Mail of people is never held by any of this, only our notices.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field

from domain.options import Options
from router.conditions.values import Duration


class Limit(Options):
    """How many of our mails are allowed in the last hour and the last day."""

    hour: int = Field(ge=1, description="In any 60 minutes.")
    day: int = Field(ge=1, description="In any 24 hours.")


class BudgetOptions(Options):
    """`[budget]`: how many mails Unchain may send of its own; people's mail is never limited by it."""

    thread: Limit = Field(default=Limit(hour=200, day=400), description="In one thread.")
    recipient: Limit = Field(default=Limit(hour=40, day=100), description="To one person.")
    domain: Limit = Field(default=Limit(hour=2000, day=10_000), description="To one mail domain.")
    system: Limit = Field(default=Limit(hour=3000, day=15_000), description="In all.")
    silence: Duration = Field(
        default=timedelta(hours=6),
        description="For how long nothing is sent once the limit of a domain or of the system was reached.",
    )


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How many of our mails went out in the last hour and the last day."""

    hour: int = 0
    day: int = 0


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What was sent so far where the next mail would count."""

    thread: Sent = Sent()
    recipient: Sent = Sent()
    domain: Sent = Sent()
    system: Sent = Sent()


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """Whether one more mail may go out, and the reason where not."""

    allowed: bool
    reason: str = ""
    silent_until: datetime | None = None  # the circuit breaker: keep it, hand it in again, raise an alarm
    tripped: bool = False  # this very call began the silence
    only_person: bool = False  # others may still be written to about this thread


def allow(
    traffic: Traffic, options: BudgetOptions, *, silent_until: datetime | None, now: datetime
) -> Allowance:
    """Whether one more of our mails may go out now.

    A thread or a person over the limit holds only this mail; a domain or the system over it begins a
    silence of `options.silence`, which an admin may end by forgetting `silent_until`.
    """
    if silent_until is not None and now < silent_until:
        reason = f"Unchain is silent until {silent_until:%Y-%m-%d %H:%M %Z}".rstrip() + "."
        return Allowance(allowed=False, reason=reason, silent_until=silent_until)
    for scope, sent, limit in (
        ("this domain", traffic.domain, options.domain),
        ("the whole system", traffic.system, options.system),
    ):
        if over := _over(sent, limit):
            return Allowance(
                allowed=False,
                reason=f"Unchain falls silent: {over} for {scope}.",
                silent_until=now + options.silence,
                tripped=True,
            )
    if over := _over(traffic.thread, options.thread):
        return Allowance(allowed=False, reason=f"Held back: {over} for this thread.")
    if over := _over(traffic.recipient, options.recipient):
        return Allowance(allowed=False, reason=f"Held back: {over} for this person.", only_person=True)
    return Allowance(allowed=True)


def _over(sent: Sent, limit: Limit) -> str | None:
    if sent.hour >= limit.hour:
        return f"{sent.hour} mails in an hour reach the limit of {limit.hour}"
    if sent.day >= limit.day:
        return f"{sent.day} mails in a day reach the limit of {limit.day}"
    return None
