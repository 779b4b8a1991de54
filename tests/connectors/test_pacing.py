"""The pace: a burst at once, then one request after the other."""

import asyncio

import pytest

from connectors.pacing import LONGEST_SILENCE, Pace


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", wait)
    return waited


async def test_the_first_requests_pass_at_once_and_the_next_wait_their_turn(waits: list[float]) -> None:
    pace = Pace(60, lambda: 100.0)
    for _ in range(12):
        await pace.turn()
    assert waits == [pytest.approx(1.0), pytest.approx(2.0)]


async def test_after_a_pause_the_bucket_is_full_again(waits: list[float]) -> None:
    clock = [0.0]
    pace = Pace(60, lambda: clock[0])
    for _ in range(10):
        await pace.turn()
    clock[0] += 3600
    for _ in range(10):
        await pace.turn()
    assert waits == []


def test_a_service_cannot_ask_for_silence_for_ever() -> None:
    clock = [0.0]
    pace = Pace(60, lambda: clock[0])
    assert pace.silence == 0
    pace.hush(1e12)
    assert pace.silence == LONGEST_SILENCE
    clock[0] += LONGEST_SILENCE
    assert pace.silence == 0
