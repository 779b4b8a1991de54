import pytest

from ingest.bounces import bounces_of
from tests.ingest.reading import MAILS, raw, read_sample


def sample(name: str) -> bytes:
    return (MAILS / "automatic" / f"{name}.eml").read_bytes()


def test_a_report_names_recipient_status_and_the_mail_that_was_lost() -> None:
    (bounce,) = bounces_of(raw(sample("bounce__report")))
    assert bounce.recipient == "bob@example.com"
    assert (bounce.status, bounce.action, bounce.hard) == ("5.1.1", "failed", True)
    assert bounce.original_id == "lost@example.com"
    assert bounce.diagnostic == "550 5.1.1 no such user"


def test_a_delay_is_not_hard() -> None:
    (bounce,) = bounces_of(raw(sample("bounce__report_delayed")))
    assert (bounce.action, bounce.hard) == ("delayed", False)


def test_a_full_mailbox_is_not_hard() -> None:
    (bounce,) = bounces_of(raw(sample("bounce__report").replace(b"5.1.1", b"5.2.2")))
    assert not bounce.hard


def test_a_report_in_plain_words_is_read_as_far_as_it_goes() -> None:
    (bounce,) = bounces_of(raw(sample("bounce__old_style")))
    assert (bounce.recipient, bounce.hard) == ("bob@example.com", True)
    assert bounce.original_id == "lost2@example.com"


def test_failed_recipients_in_a_field_are_found() -> None:
    (bounce,) = bounces_of(raw(sample("bounce__failed_recipients")))
    assert bounce.recipient == "bob@example.com"


@pytest.mark.parametrize(
    "content", [b"", b"\xff\x00", sample("no__person")], ids=["empty", "rubbish", "person"]
)
def test_what_is_no_report_names_nobody(content: bytes) -> None:
    assert bounces_of(raw(content)) == ()


def test_the_lost_mail_is_an_attachment_of_the_report() -> None:
    names = [each.content_type for each in read_sample("automatic/bounce__report").attachments]
    assert names == ["message/delivery-status", "text/rfc822-headers"]
