"""Compares what Unchain decided with what the company's authors expected; pure, prints nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unchain.demo.feeder import digest
from unchain.demo.script import Company, DemoMail, ThreadScript


@dataclass(frozen=True, kw_only=True)
class DecidedThread:
    """A thread as the store holds it after the decision."""

    digests: frozenset[str]  # sha256 of each of its mails' bytes
    title: str
    kind: str
    sensitive: bool
    reason: str  # the decision's sentence
    space: str | None = None  # None: it stayed in the mail
    rule: str | None = None
    url: str | None = None  # of its page


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """A thread whose fate was not the expected one."""

    subject: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How many of the written threads came out as expected."""

    threads: int
    joined: int  # all mails in one thread and no stranger among them
    fates: int  # moved or stayed
    kinds: int
    sensitive: int  # threads that are
    sensitive_kept: int  # of these, how many stayed in the mail
    surprises: tuple[Surprise, ...]


def compare(company: Company, mails: Sequence[DemoMail], decided: Iterable[DecidedThread]) -> Verdict:
    """Match threads by their mails' digests and count."""
    holder = {one: thread for thread in decided for one in thread.digests}
    written: dict[str, set[str]] = {}
    for mail in mails:
        written.setdefault(mail.thread, set()).add(digest(mail))
    found = {
        script.id: list(
            {id(holder[one]): holder[one] for one in sorted(written[script.id]) if one in holder}.values()
        )
        for script in company.threads
    }
    sensitive = [script for script in company.threads if script.sensitive]
    surprises = [
        Surprise(
            subject="(sensitive)" if script.sensitive else script.subject,
            sentence=_surprise(script, found[script.id]),
        )
        for script in company.threads
        if not _fits(script, found[script.id])
    ]
    return Verdict(
        threads=len(company.threads),
        joined=sum(
            len(found[script.id]) == 1 and found[script.id][0].digests == written[script.id]
            for script in company.threads
        ),
        fates=len(company.threads) - len(surprises),
        kinds=sum(
            bool(found[script.id]) and all(one.kind == script.kind for one in found[script.id])
            for script in company.threads
        ),
        sensitive=len(sensitive),
        sensitive_kept=sum(_fits(script, found[script.id]) for script in sensitive),
        surprises=tuple(surprises),
    )


def _fits(script: ThreadScript, found: Sequence[DecidedThread]) -> bool:
    return bool(found) and all((one.space is not None) == script.moves for one in found)


def _surprise(script: ThreadScript, found: Sequence[DecidedThread]) -> str:
    if not found:
        return "not decided yet"
    odd = next(one for one in found if (one.space is not None) != script.moves)
    if odd.space is not None:
        return f"moved to {odd.space} as {odd.kind}; expected to stay as {script.kind}"
    return f"stayed as {odd.kind} ({odd.reason}); expected to move as {script.kind}"
