"""The sink keeps what it takes, and another process reads it from the folder alone."""

import smtplib
from asyncio import to_thread
from pathlib import Path

import pytest

from unchain.demo.sink import Sink, SunkMail

ANN, BOB, EVE = "ann@example.com", "bob@example.com", "eve@example.com"


def send(port: int, content: bytes, sender: str = ANN, to: tuple[str, ...] = (BOB,)) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail(sender, to, content)


async def test_a_mail_is_kept_with_its_envelope_and_read_from_the_folder(tmp_path: Path) -> None:
    sink = Sink(tmp_path / "mails")
    port = await sink.start()
    await to_thread(send, port, b"Subject: one\r\n\r\n.dot\r\n", ANN, (BOB, EVE))
    await to_thread(send, port, b"Subject: two\r\n\r\n", "")
    await sink.close()
    assert Sink(tmp_path / "mails").mails() == [
        SunkMail(envelope_from=ANN, rcpt_to=(BOB, EVE), content=b"Subject: one\r\n\r\n.dot\r\n"),
        SunkMail(envelope_from="", rcpt_to=(BOB,), content=b"Subject: two\r\n\r\n"),
    ]


async def test_a_sink_started_again_goes_on_counting(tmp_path: Path) -> None:
    for subject in (b"one", b"two"):
        sink = Sink(tmp_path)
        port = await sink.start()
        await to_thread(send, port, b"Subject: " + subject + b"\r\n\r\n")
        await sink.close()
    assert [mail.content[9:12] for mail in Sink(tmp_path).mails()] == [b"one", b"two"]


async def test_a_recipient_is_refused_as_told_until_it_behaves(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    port = await sink.start()
    sink.answer(BOB, "550 5.1.1 no such user")
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="no such user"):
        await to_thread(send, port, b"x\r\n")
    sink.behave()
    await to_thread(send, port, b"x\r\n")
    await sink.close()
    assert len(sink.mails()) == 1


async def test_a_recipient_that_hangs_is_never_answered_and_stops_nobody_else(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    port = await sink.start()
    sink.hang(EVE)

    def try_eve() -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=0.5) as client:
            client.sendmail(ANN, [EVE], b"x\r\n")

    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        await to_thread(try_eve)
    await to_thread(send, port, b"x\r\n")
    await sink.close()
    assert [mail.rcpt_to for mail in sink.mails()] == [(BOB,)]
