"""What machines send back to us is no part of a thread, is never answered or obeyed, and is remembered."""

from email.message import EmailMessage

import pytest

from domain.decision import Outcome
from store import people, reachability
from tests.unchain.workshop import ANA, BOB, CLEO, OWN, TEAM, Workshop, mail, rule

DAEMON = "MAILER-DAEMON@mail.acme.example"


async def redirected(shop: Workshop, to: str = BOB) -> str:
    """A thread that has moved; the Message-ID of a person's redirect reply."""
    await shop.move_talk()
    return str(dict(shop.notices("redirect"))[to]["Message-ID"]).strip("<>")


def bounce(returned: str, *, status: str = "5.1.1", to: str = OWN, missed: str = BOB) -> bytes:
    """A delivery report (RFC 3464) about the mail with this Message-ID."""
    report = EmailMessage()
    report["From"], report["To"], report["Subject"] = f"Mail system <{DAEMON}>", to, "Undelivered Mail"
    report["Message-ID"] = f"<bounce.{status}@mail.acme.example>"
    report["Date"] = "Mon, 02 Mar 2026 10:30:00 +0000"
    body = (
        "--b\nContent-Type: text/plain\n\nIt did not reach its recipient.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.acme.example\n\n"
        f"Final-Recipient: rfc822; {missed}\nAction: failed\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} no such person here\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{returned}>\nSubject: Moved\n--b--\n"
    )
    head = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"'
    return f"{head}\n{report.as_string()}{body}".replace("\n", "\r\n").encode()


def auto_reply(answered: str, words: str, *, headers: dict[str, str] | None = None) -> bytes:
    """A vacation program's answer to a notice of ours."""
    content = mail(
        "away", words, sender=BOB, to=(OWN,), subject="Which coffee next", answers=answered, headers=headers
    )
    return content.replace(b"Subject: Re: ", b"Subject: Automatic reply: ")


def unreachable(shop: Workshop) -> dict[str, str]:
    with shop.database.read() as session:
        return {each.email: each.why for each in reachability.everybody(session)}


async def test_a_bounce_of_a_notice_is_no_part_of_the_thread_and_marks_the_person(shop: Workshop) -> None:
    shop.receive(bounce(await redirected(shop)), OWN, sender="")
    await shop.settle()

    assert len(shop.thread().messages) == 3
    assert unreachable(shop) == {BOB: "550 5.1.1 no such person here"}
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)


async def test_no_further_notice_goes_to_a_dead_address_until_its_person_writes_again(shop: Workshop) -> None:
    shop.receive(bounce(await redirected(shop)), OWN, sender="")
    await shop.work()
    await tea(shop, 20)
    assert shop.told("redirect") == {ANA: 2, BOB: 1, CLEO: 2}

    shop.receive(mail(30, sender=BOB, subject="Milk"), sender=BOB)
    await shop.settle()
    assert unreachable(shop) == {}
    assert shop.told("redirect")[BOB] == 2


async def tea(shop: Workshop, first: int) -> None:
    """Another conversation among the team that moves, to which Bob does not write."""
    shop.receive(mail(first, sender=ANA, subject="Tea"))
    shop.receive(mail(first + 1, sender=CLEO, subject="Tea", answers=first), sender=CLEO)
    await shop.settle()


@pytest.mark.parametrize("status", ["4.4.7", "5.2.2", "5.7.1", "5.3.4"])
async def test_what_may_pass_another_time_marks_nobody(shop: Workshop, status: str) -> None:
    shop.receive(bounce(await redirected(shop), status=status), OWN, sender="")
    await shop.settle()
    assert unreachable(shop) == {}
    assert len(shop.thread().messages) == 3


async def test_a_made_up_bounce_silences_nobody(shop: Workshop) -> None:
    await redirected(shop)
    shop.receive(bounce("redirect.guessed@acme.example"), OWN, sender="")
    await shop.settle()
    assert unreachable(shop) == {}
    assert len(shop.all_threads()) == 1


async def test_a_bounce_that_returns_nothing_is_known_by_what_it_answers(shop: Workshop) -> None:
    answered = await redirected(shop)
    words = f"<{BOB}>:\nno such user (550 5.1.1)\n"
    content = mail("bare", words, sender=DAEMON, to=(OWN,), subject="failure notice", answers=answered)
    shop.receive(content, OWN, sender="")
    await shop.settle()
    assert set(unreachable(shop)) == {BOB}
    assert len(shop.thread().messages) == 3


@pytest.mark.parametrize("words", ["MOVE", "STOP", "KEEP IN MAIL"])
@pytest.mark.parametrize(
    "headers", [{"Auto-Submitted": "auto-replied"}, {}], ids=["declared", "by its subject"]
)
async def test_an_automatic_answer_is_never_obeyed(
    shop: Workshop, words: str, headers: dict[str, str]
) -> None:
    answered = await redirected(shop)
    shop.receive(auto_reply(answered, words, headers=headers), OWN, sender=BOB)
    await shop.settle()

    assert len(shop.thread().messages) == 3
    assert len(shop.wiki.texts()) == 3  # what stands there stays
    with shop.database.read() as session:
        assert people.opted_out(session, TEAM) == frozenset()
    assert unreachable(shop) == {}


async def test_an_automatic_answer_to_a_suggestion_moves_nothing(shop: Workshop) -> None:
    shop.use(rule("suggest"))
    shop.receive_talk()
    await shop.settle()
    ((_, question),) = shop.notices("suggestion")
    away = mail("away", "MOVE", to=(OWN,), subject="Moving", answers=str(question["Message-ID"]).strip("<>"),
                headers={"Auto-Submitted": "auto-replied (vacation)"})  # fmt: skip
    shop.receive(away, OWN)
    await shop.settle()

    assert shop.publications() == []
    assert len(shop.thread().messages) == 3
    decision = shop.decision()
    assert decision is not None
    assert decision.outcome is Outcome.SUGGEST


async def test_an_automatic_answer_to_a_persons_mail_stays_in_its_thread(shop: Workshop) -> None:
    shop.receive(mail(0, sender=ANA, to=(ANA, BOB)), BOB)
    away = mail(1, "I am away.", sender=BOB, to=(ANA,), answers=0, headers={"Auto-Submitted": "auto-replied"})
    shop.receive(away, ANA, sender=BOB)
    await shop.settle()
    assert len(shop.thread().messages) == 2


async def test_a_machine_that_writes_to_us_alone_starts_no_thread(shop: Workshop) -> None:
    shop.receive(mail(5, sender="no-reply@shop.example", to=(OWN,), subject="Offers"), OWN, sender="x@y.z")
    await shop.settle()
    assert shop.all_threads() == []


async def test_a_robots_mail_to_people_and_us_is_a_thread_that_stays(shop: Workshop) -> None:
    robot = mail(5, sender="jenkins@acme.example", to=(*TEAM, OWN), subject="Build 7 failed")
    shop.receive(robot, *TEAM, OWN, sender="jenkins@acme.example")
    await shop.settle()
    assert len(shop.thread().messages) == 1
    assert (shop.publications(), shop.notices()) == ([], [])


async def test_bounces_that_come_for_people_are_delivered_and_start_no_publication(shop: Workshop) -> None:
    shop.receive(mail(0, sender=ANA, to=(ANA, "zoe@other.example")), "zoe@other.example")
    shop.receive(bounce("0@acme.example", to=ANA, missed="zoe@other.example"), ANA, sender="")
    await shop.settle()
    assert (shop.publications(), shop.notices(), unreachable(shop)) == ([], [], {})
    assert sum(len(thread.messages) for thread in shop.all_threads()) == 2
