"""The feeder: everything arrives once, byte for byte, whatever the relay does meanwhile."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from domain.errors import UnchainError
from unchain.demo.company import load, mails
from unchain.demo.feeder import Feeder, digest, feeding_order
from unchain.demo.script import DemoMail
from unchain.demo.sink import Sink

MAILS = mails(load(), start=datetime(2026, 11, 4, tzinfo=UTC))
SOME = feeding_order(MAILS)[:40]


def digests_in(sink: Sink) -> list[str]:
    return [sha256(mail.content).hexdigest() for mail in sink.mails()]


def feeder_to(
    sink: Sink, port: int, on_accepted: Callable[[DemoMail], None], patience: float = 20.0
) -> Feeder:
    return Feeder(
        host="127.0.0.1",
        port=port,
        already_accepted=lambda wanted: wanted & set(digests_in(sink)),
        on_accepted=on_accepted,
        pause=0.02,
        patience=patience,
    )


def sorted_digests(some: Sequence[DemoMail]) -> list[str]:
    return sorted(digest(mail) for mail in some)


async def test_every_mail_arrives_once_byte_for_byte_with_its_envelope(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    port = await sink.start()
    accepted: list[DemoMail] = []

    result = await feeder_to(sink, port, accepted.append).feed(SOME)

    await sink.close()
    assert (result.sent, result.known, result.refused) == (len(SOME), 0, [])
    assert sorted(digests_in(sink)) == sorted_digests(SOME) == sorted_digests(accepted)
    envelopes = {(one.envelope_from, one.rcpt_to, one.content) for one in sink.mails()}
    assert envelopes == {(mail.mail_from, mail.rcpt_to, mail.content) for mail in SOME}


async def test_a_second_run_sends_only_what_is_missing(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    port = await sink.start()
    await feeder_to(sink, port, lambda _mail: None).feed(SOME[:25])
    accepted: list[DemoMail] = []

    result = await feeder_to(sink, port, accepted.append).feed(SOME)

    await sink.close()
    assert (result.sent, result.known) == (len(SOME) - 25, 25)
    assert sorted(digests_in(sink)) == sorted_digests(SOME)
    assert sorted_digests(accepted) == sorted_digests(SOME)


async def test_a_relay_that_is_away_for_a_while_gets_the_rest_when_it_is_back(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    port = await sink.start()
    accepted: list[DemoMail] = []
    feeding = asyncio.create_task(feeder_to(sink, port, accepted.append).feed(SOME))
    while len(accepted) < 10:
        await asyncio.sleep(0.005)

    await sink.close()
    await sink.start(port=port)
    result = await feeding

    await sink.close()
    assert result.sent + result.known == len(SOME)
    assert sorted(digests_in(sink)) == sorted_digests(SOME)


class ForgetfulSink(Sink):
    """Keeps the mail and then cuts the connection before it answers, for each third mail."""

    async def handle_DATA(self, server, session, envelope):  # type: ignore[no-untyped-def]
        answer = await super().handle_DATA(server, session, envelope)
        if self._last % 3 == 0:
            server.transport.abort()
        return answer


async def test_what_was_taken_without_an_answer_is_not_sent_again(tmp_path: Path) -> None:
    sink = ForgetfulSink(tmp_path)
    port = await sink.start()

    result = await feeder_to(sink, port, lambda _mail: None).feed(SOME)

    await sink.close()
    assert result.sent + result.known == len(SOME)
    assert result.known > 0
    assert sorted(digests_in(sink)) == sorted_digests(SOME)


async def test_a_temporary_refusal_is_tried_again(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    port = await sink.start()
    late = SOME[0]
    for recipient in late.rcpt_to:
        sink.answer(recipient, "451 4.3.0 try again later")
    feeding = asyncio.create_task(feeder_to(sink, port, lambda _mail: None).feed([late]))
    await asyncio.sleep(0)

    sink.behave()
    result = await feeding

    await sink.close()
    assert (result.sent, result.refused) == (1, [])


async def test_a_refusal_for_good_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    port = await sink.start()
    unwanted = next(mail for mail in SOME if len(mail.rcpt_to) == 1)
    sink.answer(unwanted.rcpt_to[0], "550 5.7.1 not wanted here")
    others = [mail for mail in SOME if unwanted.rcpt_to[0] not in mail.rcpt_to]

    result = await feeder_to(sink, port, lambda _mail: None).feed([unwanted, *others])

    await sink.close()
    assert [(one.mail, one.reply) for one in result.refused] == [(unwanted, "550 5.7.1 not wanted here")]
    assert result.sent == len(others)


async def test_patience_ends_with_a_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    port = await sink.start()
    await sink.close()

    with pytest.raises(UnchainError, match="start the demo again: it goes on where it stopped"):
        await feeder_to(sink, port, lambda _mail: None, patience=0.1).feed(SOME)


def test_threads_come_mixed_but_close_together_and_some_neighbours_overtake() -> None:
    order = feeding_order(MAILS)

    assert sorted_digests(order) == sorted_digests(MAILS)
    assert order == feeding_order(MAILS)
    assert order != feeding_order(MAILS, seed=8)
    places: dict[str, list[int]] = {}
    for place, mail in enumerate(order):
        places.setdefault(mail.thread, []).append(place)
    assert max(last[-1] - last[0] for last in places.values()) < 90
    overtaken = [one for one in MAILS if one.index and order.index(one) < order.index(first_of(one))]
    assert overtaken


def first_of(mail: DemoMail) -> DemoMail:
    return next(one for one in MAILS if one.thread == mail.thread and one.index == mail.index - 1)
