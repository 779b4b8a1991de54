"""The demo's config and its final tables."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from domain.delivery import Balance
from unchain.config import load as load_config
from unchain.demo.company import load, mails
from unchain.demo.config import write_config
from unchain.demo.feeder import digest
from unchain.demo.report import DemoReport, Place, SignIn, show
from unchain.demo.script import ThreadScript
from unchain.demo.verdict import DecidedThread, compare

COMPANY = load()
MAILS = mails(COMPANY, start=datetime(2026, 11, 4, tzinfo=UTC))


def digests(thread: str) -> frozenset[str]:
    return frozenset(digest(mail) for mail in MAILS if mail.thread == thread)


def as_expected(script: ThreadScript) -> DecidedThread:
    return DecidedThread(
        digests=digests(script.id),
        title=script.subject,
        kind=script.kind,
        sensitive=script.sensitive,
        reason="It is sensitive (staff)." if script.sensitive else "No rule fits.",
        space="wiki" if script.moves else None,
        rule="Questions and know-how become wiki pages" if script.moves else None,
        url=f"http://127.0.0.1:8080/wiki/{script.id}" if script.moves else None,
    )


ALL = {script.id: as_expected(script) for script in COMPANY.threads}


def test_the_written_config_is_valid_and_names_groups_spaces_and_rules(tmp_path: Path) -> None:
    path = write_config(tmp_path / "new", COMPANY, smtp_port=2525, sink_port=2526, web_port=8181)

    config = load_config(path)

    assert [space.name for space in config.spaces] == ["wiki", "blog", "stream"]
    assert {group.name for group in config.groups} == {"everyone", "it", "usine", "moncton", "sales", "rh"}
    assert config.settle.quiet == 3.0
    everyone = next(group for group in config.groups if group.everyone)
    assert set(everyone.addresses) == {"tous@boreal.example", "all@boreal.example"}
    assert {str(hop) for hop in config.ingest.smtp.next_hops} == {"127.0.0.1:2526"}


def test_all_as_expected_leaves_no_surprise() -> None:
    verdict = compare(COMPANY, MAILS, ALL.values())

    assert verdict.threads == verdict.joined == verdict.fates == verdict.kinds == len(COMPANY.threads)
    assert verdict.sensitive == verdict.sensitive_kept > 0
    assert verdict.surprises == ()


def test_what_came_out_otherwise_is_counted_and_named() -> None:
    secret = next(script for script in COMPANY.threads if script.sensitive)
    kept = next(script for script in COMPANY.threads if script.moves)
    leaked = DecidedThread(
        digests=digests(secret.id), title="x", kind="update", sensitive=False, reason="r", space="blog"
    )
    left = DecidedThread(digests=digests(kept.id), title="y", kind="personal", sensitive=False, reason="why")

    verdict = compare(COMPANY, MAILS, (ALL | {secret.id: leaked, kept.id: left}).values())

    assert verdict.fates == len(COMPANY.threads) - 2
    assert verdict.kinds == len(COMPANY.threads) - 2
    assert verdict.sensitive_kept == verdict.sensitive - 1
    sentences = {one.subject: one.sentence for one in verdict.surprises}
    assert sentences["(sensitive)"].startswith("moved to blog as update")
    assert sentences[kept.subject].startswith("stayed as personal (why)")


def test_a_thread_in_two_pieces_is_not_joined_and_one_not_decided_is_said() -> None:
    halves = sorted(digests("booking-tool"))
    pieces = [
        DecidedThread(
            digests=frozenset(part), title="t", kind="discussion", sensitive=False, reason="", space="blog"
        )
        for part in (halves[:3], halves[3:])
    ]
    rest = [one for key, one in ALL.items() if key not in {"booking-tool", "compost"}]

    verdict = compare(COMPANY, MAILS, [*rest, *pieces])

    assert verdict.joined == len(COMPANY.threads) - 2
    assert [one.sentence for one in verdict.surprises] == ["not decided yet"]


def balance_of(*, accepted: int, delivered: int, queued: int = 0, bounced: int = 0, ours: int = 0) -> Balance:
    return Balance(
        mails=accepted,
        accepted=accepted,
        delivered=delivered,
        queued=queued,
        bounced=bounced,
        ours=ours,
        unprocessed=0,
        set_aside=0,
    )


def report_with(balance: Balance) -> str:
    console = Console(record=True, width=140, file=StringIO())
    report = DemoReport(
        company=COMPANY.name,
        seconds=41.2,
        mails=len(MAILS),
        decided=tuple(ALL.values()),
        verdict=compare(COMPANY, MAILS, ALL.values()),
        balance=balance,
        redirects=120,
        places=(Place(name="Wiki", url="http://127.0.0.1:8181/wiki"),),
        sign_in=(SignIn(name="Fatou Diallo", link="http://127.0.0.1:8181/enter/abc"),),
    )
    show(report, console)
    return console.export_text()


def test_the_report_shows_what_moved_what_stayed_the_balance_and_the_way_in() -> None:
    text = report_with(balance_of(accepted=500, delivered=496, queued=2, bounced=1, ours=1))

    assert "Which tool for booking rooms and the demo vans?" in text
    assert "Questions and know-how become wiki pages" in text
    assert "It is sensitive." in text
    balance = "500 accepted = 496 delivered + 2 queued + 1 bounced + 1 for Unchain itself"
    assert f"{balance}. Nothing is lost." in text
    assert "http://127.0.0.1:8181/wiki" in text
    assert "as Fatou Diallo: http://127.0.0.1:8181/enter/abc" in text


@pytest.mark.parametrize("script", [one for one in COMPANY.threads if one.sensitive], ids=lambda one: one.id)
def test_the_report_never_names_a_sensitive_thread(script: ThreadScript) -> None:
    assert script.subject not in report_with(balance_of(accepted=1, delivered=1))


def test_a_wrong_balance_is_said_plainly() -> None:
    assert "does not add up: 3 missing" in report_with(balance_of(accepted=9, delivered=6))
