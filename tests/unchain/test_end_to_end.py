"""The main job on a running installation: real SMTP in, real SMTP out, real pages."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from domain.decision import Decision
from store import decisions, publications
from store.publications import Planned
from tests.unchain.browser import Visitor
from tests.unchain.conversation import RECIPIENTS, ten_mails
from tests.unchain.installation import RealInstallation, wait_until
from unchain.demo.sink import SunkMail


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[RealInstallation]:
    running = RealInstallation(tmp_path)
    running.sink.start()
    running.start()
    yield running
    running.close()


def originals(sunk: list[SunkMail]) -> list[SunkMail]:
    return [mail for mail in sunk if mail.envelope_from]


def replies(sunk: list[SunkMail]) -> list[SunkMail]:
    return [mail for mail in sunk if not mail.envelope_from]


def below_trace(content: bytes) -> bytes:
    """A mail without the one Received line that we put in front."""
    return re.sub(rb"\AReceived: [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", b"", content)


def published(installation: RealInstallation) -> list[Planned]:
    with installation.database().read() as session:
        return [each for each in publications.everything(session) if each.receipt is not None]


def send_shuffled(installation: RealInstallation) -> None:
    mails = ten_mails()
    random.Random(3).shuffle(mails)
    for mail in mails:
        installation.send(mail.content, mail.sender, mail.recipients)


def test_ten_shuffled_mails_become_one_page_in_the_right_order(installation: RealInstallation) -> None:
    send_shuffled(installation)
    wait_until(lambda: len(replies(installation.sunk())) >= 4, "four redirect replies")

    assert len(published(installation)) == 1
    page = Visitor(installation, "cleo@acme.example").get(published(installation)[0].receipt.url)
    places = [page.text.index(mail.words[:60]) for mail in ten_mails()]
    assert places == sorted(places)
    assert "<details" in page.text


def test_originals_arrive_byte_for_byte_and_each_person_gets_one_reply(
    installation: RealInstallation,
) -> None:
    send_shuffled(installation)
    wait_until(lambda: len(installation.sunk()) >= 14, "ten originals and four replies")

    sunk = installation.sunk()
    assert sorted(below_trace(mail.content) for mail in originals(sunk)) == sorted(
        mail.content for mail in ten_mails()
    )
    assert Counter(recipient for mail in replies(sunk) for recipient in mail.rcpt_to) == dict.fromkeys(
        RECIPIENTS, 1
    )
    for reply in replies(sunk):
        parsed = message_from_bytes(reply.content, policy=policy.default)
        assert parsed["Auto-Submitted"] == "auto-replied"
        assert "rooms-9" in parsed["References"]
        assert published(installation)[0].receipt.url in parsed.get_body(("plain",)).get_content()
    assert installation.balance().holds


def test_a_later_mail_is_added_to_the_page_and_no_second_reply_is_sent(
    installation: RealInstallation,
) -> None:
    send_shuffled(installation)
    wait_until(lambda: len(replies(installation.sunk())) >= 4, "four redirect replies")
    late = ten_mails()[9]
    content = late.content.replace(b"<rooms-9.", b"<rooms-late.").replace(
        b"None. Let us write", b"One more thing: count the visitors too. Let us write"
    )

    installation.send(content, late.sender, late.recipients)

    visitor = Visitor(installation, "dev@acme.example")
    url = published(installation)[0].receipt.url
    wait_until(lambda: "count the visitors too" in visitor.get(url).text, "the late mail on the page")
    assert len(replies(installation.sunk())) == 4


def test_an_outsider_sees_the_same_as_for_nothing_there(installation: RealInstallation) -> None:
    send_shuffled(installation)
    wait_until(lambda: bool(published(installation)), "a page")
    found = published(installation)[0]
    outsider = Visitor(installation, None)
    missing = outsider.get(f"{installation.url}/blog/nothing-here")
    for address in (found.receipt.url, f"{installation.url}/thread/{found.thread_id}"):
        answer = outsider.get(address)
        assert (answer.status, answer.text) == (missing.status, missing.text)
        assert answer.status == 404


def test_keep_in_mail_takes_the_page_back_and_tells_the_participants(installation: RealInstallation) -> None:
    send_shuffled(installation)
    wait_until(lambda: len(replies(installation.sunk())) >= 4, "four redirect replies")
    url = published(installation)[0].receipt.url
    notice = next(mail for mail in replies(installation.sunk()) if "bob@acme.example" in mail.rcpt_to)
    answer_to(installation, notice, "Bob Lund <bob@acme.example>", "KEEP IN MAIL\n\nThanks!")

    visitor = Visitor(installation, "ana@acme.example")
    wait_until(lambda: visitor.get(url).status == 404, "the page gone")
    wait_until(lambda: len(replies(installation.sunk())) == 8, "a recall notice for each")
    assert installation.balance().ours == 1


def test_nothing_is_lost_and_nothing_comes_twice_when_the_service_is_killed(
    installation: RealInstallation,
) -> None:
    mails = ten_mails()
    for number, mail in enumerate(mails):
        installation.send(mail.content, mail.sender, mail.recipients)
        if number in (2, 5, 8):
            installation.kill()
            installation.start()
    wait_until(lambda: bool(published(installation)), "a page")
    installation.kill()
    installation.start()
    wait_until(lambda: len(replies(installation.sunk())) >= 4, "four redirect replies")
    wait_until(lambda: installation.balance().queued == 0, "nothing queued")

    assert installation.balance().holds
    kept = {below_trace(mail.content) for mail in originals(installation.sunk())}
    assert kept == {mail.content for mail in mails}
    assert len(published(installation)) == 1
    ids = [message_from_bytes(mail.content)["Message-ID"] for mail in replies(installation.sunk())]
    assert len(set(ids)) == 4


def test_an_unreachable_next_hop_queues_and_the_sender_notices_nothing(
    installation: RealInstallation,
) -> None:
    installation.sink.close()
    mail = ten_mails()[0]
    installation.send(mail.content, mail.sender, mail.recipients)
    wait_until(lambda: installation.balance().queued == 3, "three recipients queued")

    installation.sink.start()

    wait_until(lambda: installation.balance().delivered == 3, "three recipients delivered")
    assert below_trace(originals(installation.sunk())[0].content) == mail.content


def test_a_refused_recipient_bounces_to_the_sender_and_the_others_get_the_mail(
    installation: RealInstallation,
) -> None:
    installation.sink.sink.answer("bob@acme.example", "550 5.1.1 no such user")
    mail = ten_mails()[0]
    installation.send(mail.content, mail.sender, mail.recipients)
    wait_until(lambda: installation.balance().bounced == 1, "one bounce")
    wait_until(lambda: len(replies(installation.sunk())) == 1, "a delivery status notification")

    notification = replies(installation.sunk())[0]
    assert notification.rcpt_to == ("ana@acme.example",)
    assert b"bob@acme.example" in notification.content
    assert installation.balance().delivered == 2


def test_a_mail_that_cannot_be_parsed_is_delivered_all_the_same(installation: RealInstallation) -> None:
    content = b"\x00\xff\xfe not a header at all\r\n\r\n\x80\x81 =?x?q?\r\n"
    installation.send(content, "ana@acme.example", ["bob@acme.example"])
    wait_until(lambda: installation.balance().delivered == 1, "delivered")
    wait_until(lambda: installation.balance().unprocessed == 0, "processed")
    assert below_trace(originals(installation.sunk())[0].content) == content


def test_a_wrong_config_changes_nothing_and_a_right_one_is_taken_over(installation: RealInstallation) -> None:
    right = installation.config.read_text()
    installation.config.write_text(right.replace("messages = { min = 3 }", "mesages = { min = 3 }"))
    wait_until(lambda: 'did you mean "messages"?' in installation.log, "the sentence in the log")
    installation.config.write_text(right.replace("messages = { min = 3 }", "messages = { min = 99 }"))
    wait_until(lambda: "is in force" in installation.log, "the new config in force")
    send_shuffled(installation)
    wait_until(lambda: installation.balance().unprocessed == 0, "processed")
    assert published(installation) == []


def test_the_service_ends_in_good_order(installation: RealInstallation) -> None:
    assert installation.stop() == 0


def test_a_taken_port_ends_the_service_with_one_sentence(tmp_path: Path) -> None:
    first = RealInstallation(tmp_path)
    first.sink.start()
    first.start()
    second = RealInstallation(tmp_path / "second") if (tmp_path / "second").mkdir() is None else first
    text = second.config.read_text().replace(f":{second.smtp}", f":{first.smtp}")
    second.config.write_text(text)
    code, said = second.run_to_its_end()
    first.close()
    second.close()
    assert code == 5
    assert f"cannot listen on 127.0.0.1:{first.smtp}" in said
    assert "Traceback" not in said


def test_a_blind_copy_handed_over_on_its_own_keeps_the_thread_in_the_mail(
    installation: RealInstallation,
) -> None:
    mails = ten_mails()
    for mail in mails:
        installation.send(mail.content, mail.sender, mail.recipients)
    installation.send(mails[3].content, mails[3].sender, ["eve@outside.example"])
    wait_until(lambda: judged(installation) is not None, "a decision")

    assert published(installation) == []
    assert "outside" in judged(installation).reason


def judged(installation: RealInstallation) -> Decision | None:
    with installation.database().read() as session:
        return next((decision for decision, _ in decisions.recent(session)), None)


def test_a_suggestion_moves_the_thread_only_when_who_was_asked_agrees(tmp_path: Path) -> None:
    installation = RealInstallation(tmp_path, stage="suggest")
    installation.sink.start()
    installation.start()
    try:
        send_shuffled(installation)
        wait_until(lambda: len(replies(installation.sunk())) == 1, "one suggestion")
        asked = replies(installation.sunk())[0]
        assert asked.rcpt_to == ("ana@acme.example",)
        answer_to(installation, asked, "Bob Lund <bob@acme.example>", "MOVE")
        wait_until(lambda: installation.balance().ours == 1, "Bob's answer taken in")
        wait_until(lambda: installation.balance().unprocessed == 0, "Bob's answer read")
        assert published(installation) == []

        answer_to(installation, asked, "Ana Ruiz <ana@acme.example>", "YES, MOVE")

        wait_until(lambda: len(replies(installation.sunk())) == 5, "four redirect replies")
        assert len(published(installation)) == 1
    finally:
        installation.close()


def answer_to(installation: RealInstallation, notice: SunkMail, author: str, words: str) -> None:
    answer = EmailMessage()
    answer["From"], answer["To"] = author, "unchain@acme.example"
    answer["Subject"] = "Re: Meeting rooms"
    answer["Message-ID"] = f"<{len(words)}.{author[:3]}@acme.example>"
    answer["In-Reply-To"] = message_from_bytes(notice.content)["Message-ID"]
    answer.set_content(f"{words}\n")
    address = author.partition("<")[2].rstrip(">")
    installation.send(answer.as_bytes(policy=policy.SMTP), address, ["unchain@acme.example"])


def test_a_private_answer_in_a_moved_thread_is_not_shown(installation: RealInstallation) -> None:
    mails = ten_mails()
    aside = re.sub(
        rb"(?m)^To: [^\r\n]*(?:\r\n[ \t][^\r\n]*)*", b"To: Bob Lund <bob@acme.example>", mails[4].content
    )
    assert aside != mails[4].content
    for number, mail in enumerate(mails):
        if number == 4:
            installation.send(aside, mail.sender, ["bob@acme.example"])
        else:
            installation.send(mail.content, mail.sender, mail.recipients)
    wait_until(lambda: bool(published(installation)), "a page")

    colleague = Visitor(installation, "zoe@acme.example")
    thread = f"{installation.url}/thread/{published(installation)[0].thread_id}"
    for address in (published(installation)[0].receipt.url, thread):
        page = colleague.get(address).text
        assert mails[3].words[:40] in page
        assert mails[4].words[:40] not in page
    assert mails[4].words[:40] in Visitor(installation, "bob@acme.example").get(thread).text


def test_a_worker_that_dies_while_the_config_is_wrong_stops_nobody_else(
    installation: RealInstallation,
) -> None:
    # One that finds a wrong config at its very first start ends the service.
    wait_until(lambda: " is loaded" in installation.log, "a worker that has started")
    right = installation.config.read_text()
    installation.config.write_text(right.replace("[settle]", "[setle]"))
    wait_until(lambda: "config not reloaded" in installation.log, "the sentence in the log")
    installation.kill_role("worker")
    wait_until(lambda: "worker ended with code 2" in installation.log, "a restart refused")

    send_shuffled(installation)
    wait_until(lambda: installation.balance().delivered == 30, "everything handed on")
    installation.config.write_text(right)

    wait_until(lambda: bool(published(installation)), "a page once the config is right again")
