"""The tables that end the demo, printed with rich from plain values; reads no store and decides nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.delivery import Balance
from unchain.demo.verdict import DecidedThread, Verdict

STAYED_SAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Place:
    """An address to open."""

    name: str
    url: str


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A way in: open the link to read the pages as this person."""

    name: str
    link: str


@dataclass(frozen=True, kw_only=True)
class DemoReport:
    """All that the demo tells at its end."""

    company: str
    seconds: float  # from the first mail to the last decision
    mails: int
    decided: tuple[DecidedThread, ...]
    verdict: Verdict
    balance: Balance
    redirects: int  # redirect replies sent
    places: tuple[Place, ...]
    sign_in: tuple[SignIn, ...]


def show(report: DemoReport, console: Console) -> None:
    """Print the whole report."""
    moved = [one for one in report.decided if one.space is not None]
    stayed = [one for one in report.decided if one.space is None]
    console.print(
        Text(
            f"\n{report.company}: {report.mails} mails in {len(report.decided)} threads, read and decided in"
            f" {report.seconds:.0f} s. {len(moved)} moved, {len(stayed)} stayed,"
            f" {report.redirects} redirect replies.",
            style="bold",
        )
    )
    console.print(_moved_table(moved))
    console.print(_stayed_table(stayed))
    _show_verdict(report.verdict, console)
    _show_balance(report.balance, console)
    _show_places(report, console)


def _moved_table(moved: Sequence[DecidedThread]) -> Table:
    table = Table(title="What moved where, and why", title_justify="left", expand=False)
    table.add_column("Thread", ratio=4, overflow="fold")
    table.add_column("Kind")
    table.add_column("Mails", justify="right")
    table.add_column("Space")
    table.add_column("Rule", ratio=3, overflow="fold")
    for one in sorted(moved, key=lambda each: (each.space or "", each.kind, each.title)):
        title = Text(one.title, style=f"link {one.url}" if one.url else "")
        table.add_row(title, one.kind, str(len(one.digests)), one.space or "", one.rule or "")
    return table


def _stayed_table(stayed: Sequence[DecidedThread]) -> Table:
    table = Table(title="What stayed in the mail, and why", title_justify="left", expand=False)
    table.add_column("Reason", ratio=3, overflow="fold")
    table.add_column("Threads", justify="right")
    table.add_column("For example", ratio=4, overflow="fold")
    for reason, count in Counter(_cause(one) for one in stayed).most_common():
        samples = [_shown(one) for one in stayed if _cause(one) == reason][:STAYED_SAMPLES]
        table.add_row(Text(reason), str(count), Text("\n".join(samples)))
    return table


def _cause(one: DecidedThread) -> str:
    """The reason to count by: what makes each sensitive thread sensitive would only fill the table."""
    return "It is sensitive." if one.sensitive else one.reason


def _shown(one: DecidedThread) -> str:
    """A title to print; what is sensitive is not even named on the terminal."""
    return f"(a {one.kind} of {len(one.digests)} mails, not named here)" if one.sensitive else one.title


def _show_verdict(verdict: Verdict, console: Console) -> None:
    table = Table(title="As its authors expected?", title_justify="left")
    table.add_column("")
    table.add_column("as expected", justify="right")
    table.add_column("of", justify="right")
    for name, right, of in (
        ("Mails joined to the right thread", verdict.joined, verdict.threads),
        ("Moved or stayed", verdict.fates, verdict.threads),
        ("Kind", verdict.kinds, verdict.threads),
        ("Sensitive threads that stayed", verdict.sensitive_kept, verdict.sensitive),
    ):
        table.add_row(name, str(right), str(of))
    console.print(table)
    if not verdict.surprises:
        return
    console.print(Text("Otherwise than expected:", style="bold"))
    for surprise in verdict.surprises:
        console.print(Text(f"  {surprise.subject}: {surprise.sentence}"))


def _show_balance(balance: Balance, console: Console) -> None:
    sentence = (
        f"Balance: {balance.accepted} accepted = {balance.delivered} delivered + {balance.queued} queued"
        f" + {balance.bounced} bounced + {balance.ours} for Unchain itself"
    )
    if balance.holds:
        console.print(Text(f"{sentence}. Nothing is lost.", style="green"))
    else:
        missing = balance.accepted - balance.delivered - balance.queued - balance.bounced - balance.ours
        console.print(Text(f"{sentence} does not add up: {missing} missing.", style="bold red"))


def _show_places(report: DemoReport, console: Console) -> None:
    console.print(Text("\nOpen", style="bold"))
    for place in report.places:
        console.print(f"  {place.name:<10} {place.url}", highlight=False, soft_wrap=True)
    if report.sign_in:
        console.print(Text("Sign in (each link works once)", style="bold"))
        for one in report.sign_in:
            console.print(f"  as {one.name}: {one.link}", highlight=False, soft_wrap=True)
