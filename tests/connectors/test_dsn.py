"""A notification is understood by programs and people, and never starts a quarrel of machines."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest

from connectors.dsn import Action, Reporter, compose_dsn, may_notify, may_tell_delay
from connectors.outbound_mail import RecipientResult, RecipientState

ARRIVED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ORIGINAL = (
    b"Message-ID: <m1@example.com>\r\nSubject: The plan\r\nFrom: ann@example.com\r\n\r\nSecret body\r\n"
)
REPORTER = Reporter(hostname="relay.example", address="unchain@example.com")
NO_SUCH_USER = RecipientResult(state=RecipientState.PERMANENT, code=550, text="5.1.1 no such user")
SILENT = RecipientResult(state=RecipientState.TEMPORARY, code=0, text="4.4.1 connection refused")


def compose(
    failures: dict[str, RecipientResult],
    *,
    original: bytes = ORIGINAL,
    reporter: Reporter = REPORTER,
    action: Action = Action.FAILED,
    retry_until: datetime | None = None,
) -> bytes:
    return compose_dsn(
        original=original,
        mail_from="ann@example.com",
        failures=failures,
        reporter=reporter,
        arrived_at=ARRIVED,
        now=NOW,
        message_id="dsn.1@relay.example",
        action=action,
        retry_until=retry_until,
    )


def parts(content: bytes) -> tuple[str, list[Message], str]:
    """Text for people, blocks for machines, the original's header. The stubs know no parts of reports."""
    report = message_from_bytes(content, policy=default)
    people, machines, header = report.get_payload()  # type: ignore[misc]
    return (
        people.get_content(),
        machines.get_payload(),
        header.get_payload(decode=True).decode(errors="replace"),
    )  # type: ignore[union-attr,return-value]


def test_the_envelope_of_the_report_is_that_of_the_rfc() -> None:
    report = message_from_bytes(compose({"bob@example.com": NO_SUCH_USER}), policy=default)
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    assert report["To"] == "ann@example.com"
    assert report["Auto-Submitted"] == "auto-replied"
    assert report["Message-ID"] == "<dsn.1@relay.example>"
    assert [part.get_content_type() for part in report.iter_parts()] == [
        "text/plain",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    assert not report.defects


def test_machines_read_each_recipient() -> None:
    _, blocks, _ = parts(compose({"bob@example.com": NO_SUCH_USER, "eve@example.com": SILENT}))
    about_mail, bob, eve = (dict(block.items()) for block in blocks)
    assert about_mail["Reporting-MTA"] == "dns; relay.example"
    assert about_mail["Arrival-Date"] == "Fri, 20 Nov 2026 09:00:00 +0000"
    assert bob["Final-Recipient"] == "rfc822; bob@example.com"
    assert (bob["Action"], bob["Status"]) == ("failed", "5.1.1")
    assert bob["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user"
    assert (eve["Action"], eve["Status"]) == ("failed", "4.4.1")
    assert "Diagnostic-Code" not in eve


def test_people_read_it_in_both_languages() -> None:
    text, _, _ = parts(compose({"bob@example.com": NO_SUCH_USER}))
    assert "could not be delivered" in text
    assert "n’a pas pu être remis" in text
    assert text.count("<bob@example.com>: 550 5.1.1 no such user") == 2


def test_the_languages_are_those_of_the_organisation() -> None:
    french = Reporter(hostname="relay.example", address="unchain@example.com", languages=("fr",))
    text, _, _ = parts(compose({"bob@example.com": SILENT}, reporter=french))
    assert "aucune réponse du serveur" in text
    assert "could not" not in text


def test_a_language_without_a_text_falls_back_to_english() -> None:
    german = Reporter(hostname="relay.example", address="unchain@example.com", languages=("de",))
    assert "could not be delivered" in parts(compose({"bob@example.com": SILENT}, reporter=german))[0]


def test_only_the_header_of_the_original_goes_back() -> None:
    content = compose({"bob@example.com": NO_SUCH_USER})
    assert "Subject: The plan" in parts(content)[2]
    assert b"Secret body" not in content


def test_a_delay_is_told_as_a_delay() -> None:
    text, blocks, _ = parts(compose({"bob@example.com": SILENT}, action=Action.DELAYED))
    assert "no need to send it again" in text
    assert (blocks[1]["Action"], blocks[1]["Status"]) == ("delayed", "4.4.1")


def test_an_odd_original_and_an_odd_reply_still_make_a_clean_ascii_mail() -> None:
    original = b"Subject: \xe9t\xe9 \xff\nX-Long: " + b"x" * 5000 + b"\n\nbody"
    reply = RecipientResult(
        state=RecipientState.PERMANENT, code=554, text="\x00 d\xe9sol\xe9 \u2028 " + "y" * 3000
    )
    content = compose({"zoé@example.com": reply}, original=original)
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert content.count(b"\n") == content.count(b"\r\n")
    _, blocks, _ = parts(content)
    assert blocks[1]["Final-Recipient"] == "utf-8; zo\\x{E9}@example.com"


def test_line_ends_of_the_original_cannot_add_a_header() -> None:
    content = compose({"bob@example.com": NO_SUCH_USER}, original=b"\r\n\r\nno header at all")
    assert message_from_bytes(content).get_content_type() == "multipart/report"


@pytest.mark.parametrize("sender", ["", "<>"])
def test_the_null_reverse_path_is_never_answered(sender: str) -> None:
    assert not may_notify(sender)
    with pytest.raises(ValueError, match="never answered"):
        compose_dsn(
            original=ORIGINAL,
            mail_from=sender,
            failures={"bob@example.com": NO_SUCH_USER},
            reporter=REPORTER,
            arrived_at=ARRIVED,
            now=NOW,
            message_id="x@relay.example",
        )


def test_a_delay_says_until_when_it_is_tried() -> None:
    until = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    content = compose({"bob@example.com": SILENT}, action=Action.DELAYED, retry_until=until)
    _, (_, bob), _ = parts(content)
    assert (bob["Action"], bob["Status"]) == ("delayed", "4.4.1")
    assert bob["Will-Retry-Until"] == "Wed, 25 Nov 2026 09:00:00 +0000"


def test_a_failure_promises_no_further_try() -> None:
    _, (_, bob), _ = parts(compose({"bob@example.com": NO_SUCH_USER}))
    assert bob["Will-Retry-Until"] is None


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("X-Plain: yes", True),
        ("Auto-Submitted: no", True),
        ("Auto-Submitted: auto-replied; owner-email=x", False),
        ("auto-submitted: AUTO-GENERATED", False),
        ("Precedence: bulk", False),
        ("Precedence: List", False),
        ("Precedence: first-class", True),
        ("List-Id: Birds <birds.example.com>", False),
        ("List-Unsubscribe: <https://example.com/leave>", False),
        ("X-Auto-Response-Suppress: OOF, DR", False),
        ("X-Auto-Response-Suppress: OOF", True),
    ],
)
def test_only_people_hear_of_delays(field: str, told: bool) -> None:
    original = f"Subject: The plan\r\n{field}\r\n\r\nPrecedence: bulk\r\n".encode()
    assert may_tell_delay("ann@example.com", original) is told


@pytest.mark.parametrize(
    "sender",
    ["", "<>", "MAILER-DAEMON@x.example", "owner-birds@x", "birds-request@x", "birds-bounces+ann=y@x"],
)
def test_no_program_hears_of_delays(sender: str) -> None:
    assert not may_tell_delay(sender, ORIGINAL)


def test_a_hostile_header_costs_no_more_than_its_length() -> None:
    assert may_tell_delay("ann@example.com", b"Subject: \xff\x00" + b"a " * 10_000 + b"\r\n: : :\r\n" * 9_000)
