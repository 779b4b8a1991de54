from email.message import EmailMessage

import pytest

from domain.mail import Automatic, BouncedRecipient, Message
from tests.ingest.reading import MAILS, read_bytes, read_sample


def sample(name: str) -> bytes:
    return (MAILS / "automatic" / f"{name}.eml").read_bytes()


def told(
    words: str, *, subject: str = "failure notice", sender: str = "MAILER-DAEMON@mx.example.net"
) -> Message:
    """A report in plain words."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "ana@example.com", subject
    mail.set_content(words)
    return read_bytes(mail.as_bytes())


def only(message: Message) -> BouncedRecipient:
    assert message.automatic is Automatic.BOUNCE
    (recipient,) = message.bounced
    return recipient


def test_a_report_names_recipient_status_and_the_mail_that_was_lost() -> None:
    message = read_sample("automatic/bounce__report")
    recipient = only(message)
    assert recipient.email == "bob@example.com"
    assert (recipient.status, recipient.action, recipient.permanent) == ("5.1.1", "failed", True)
    assert recipient.diagnostic == "550 5.1.1 no such user"
    assert message.returned_id == "lost@example.com"


def test_a_delay_is_not_permanent() -> None:
    recipient = only(read_sample("automatic/bounce__report_delayed"))
    assert (recipient.action, recipient.permanent) == ("delayed", False)


def test_a_full_mailbox_is_not_permanent() -> None:
    assert not only(read_bytes(sample("bounce__report").replace(b"5.1.1", b"5.2.2"))).permanent


def test_a_vague_status_gives_way_to_the_exact_one_of_the_other_system() -> None:
    content = sample("bounce__report").replace(b"Status: 5.1.1", b"Status: 5.0.0")
    assert only(read_bytes(content)).status == "5.1.1"


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_of_arrival_is_no_bounce(action: str) -> None:
    content = sample("bounce__report").replace(b"Action: failed", f"Action: {action}".encode())
    message = read_bytes(content.replace(b"Status: 5.1.1", b"Status: 2.0.0"))
    assert (message.automatic, message.bounced) == (Automatic.REPORT, ())
    assert message.returned_id == "lost@example.com"


def test_a_recipient_told_twice_counts_once() -> None:
    group = b"Final-Recipient: rfc822; Bob@example.com\n"
    twice = sample("bounce__report").replace(
        b"Diagnostic-Code:", b"X-Note: again\n\n" + group + b"Action: failed\nStatus: 5.1.1\nDiagnostic-Code:"
    )
    assert len(read_bytes(twice).bounced) == 1


FORMS = {
    "qmail": ("<bob@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n", "5.1.1", True),
    "exim": ("  bob@example.net\n    host mx.example.net [192.0.2.1]: 550 unknown user\n", "", True),
    "postfix": ("<bob@example.net>: host mx.example.net said: 552 5.2.2 mailbox full\n", "5.2.2", False),
    "imail": ("undeliverable to bob@example.net\n\nOriginal message follows.\n", "", True),
    "notes": ("Your message\n\n  Subject: Rooms\n\nwas not delivered to:\n\n  bob@example.net\n\n"
              "because:\n\n  User bob not listed in directory\n", "", True),
    "exchange": ("did not reach the following recipient(s):\n\nbob@example.net on Mon, 4 Mar 2024\n"
                 "    The recipient name is not recognized\n", "", True),
    "in a sentence": ("Your mail to 'bob@example.net' could not be delivered: no such user.\n", "", True),
    "quota": ("<bob@example.net>:\nUser is over the quota. Try again later.\n", "", False),
    "label": ("Failed Recipient: bob@example.net\nReason: 550 unknown user\n", "", True),
    "code 4": ("<bob@example.net>: 451 4.4.1 connection lost\n", "4.4.1", False),
    "french": ("Votre message n'a pas pu être remis à bob@example.net : utilisateur inconnu.\n", "", True),
    "german": ("Ihre Nachricht an bob@example.net ist unzustellbar: Empfänger unbekannt.\n", "", True),
}  # fmt: skip


@pytest.mark.parametrize(("words", "status", "permanent"), FORMS.values(), ids=FORMS)
def test_reports_in_plain_words_are_read_as_far_as_they_go(words: str, status: str, permanent: bool) -> None:
    recipient = only(told(words))
    assert (recipient.email, recipient.status, recipient.permanent) == ("bob@example.net", status, permanent)


def test_of_several_recipients_each_has_its_own_reason() -> None:
    message = told("<bob@example.net>:\n550 5.1.1 unknown\n\n<cleo@example.net>:\n452 4.2.2 mailbox full\n")
    assert [(each.email, each.permanent) for each in message.bounced] == [
        ("bob@example.net", True),
        ("cleo@example.net", False),
    ]


def test_what_the_returned_mail_says_names_nobody_and_gives_its_id() -> None:
    message = told(
        "<bob@example.net>:\nno such user\n\n--- Below this line is a copy of the message.\n\n"
        "Message-ID: <lost9@example.com>\n\n<dora@example.net>:\nis on holiday.\n"
    )
    assert [each.email for each in message.bounced] == ["bob@example.net"]
    assert message.returned_id == "lost9@example.com"


def test_links_and_the_people_who_can_help_are_no_recipients() -> None:
    message = told("Your message could not be delivered.\nAsk postmaster@example.net or ana@example.com.\n"
                   "bob@example.net: user unknown\n")  # fmt: skip
    assert [each.email for each in message.bounced] == ["bob@example.net"]


def test_a_whole_report_wrapped_into_another_mail_is_read() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "postmaster@example.com", "ana@example.com"
    mail["Subject"] = "Delivery Status Notification (Failure)"
    mail.set_content("")
    inner = EmailMessage()
    inner.set_content("Final-Recipient: rfc822; bob@example.net\nAction: failed\nStatus: 5.1.1\n")
    mail.add_attachment(inner)
    recipient = only(read_bytes(mail.as_bytes()))
    assert (recipient.email, recipient.status) == ("bob@example.net", "5.1.1")


LOST = sorted(
    path.stem
    for path in (MAILS / "automatic").glob("bounce__*.eml")
    if "theo@example.org" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", LOST)
def test_every_form_of_report_names_its_recipient(name: str) -> None:
    assert only(read_sample(f"automatic/{name}")).email == "theo@example.org"


def test_a_report_that_names_nobody_names_nobody() -> None:
    message = told("Your message could not be delivered.\n")
    assert (message.automatic, message.bounced) == (Automatic.BOUNCE, ())


@pytest.mark.parametrize(
    "content", [b"", b"\xff\x00", sample("no__person")], ids=["empty", "rubbish", "person"]
)
def test_what_is_no_report_names_nobody(content: bytes) -> None:
    assert read_bytes(content).bounced == ()


def test_failed_recipients_in_a_field_are_found() -> None:
    assert only(read_sample("automatic/bounce__failed_recipients")).email == "bob@example.com"


def test_the_lost_mail_is_an_attachment_of_the_report() -> None:
    names = [each.content_type for each in read_sample("automatic/bounce__report").attachments]
    assert names == ["message/delivery-status", "text/rfc822-headers"]
