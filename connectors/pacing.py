"""How fast a service is asked: a bucket of requests that fills again, and silence after it asked for silence.

Nothing here repeats a request.
"""

import asyncio
import math
from collections.abc import Callable

LONGEST_SILENCE = 86_400.0  # seconds; whatever a service says, it is asked again a day later


class Pace:
    """Lets so many requests a minute pass, the first few at once."""

    def __init__(self, per_minute: float, now: Callable[[], float]) -> None:
        self._gap = 60 / per_minute
        self._burst = min(per_minute / 6, 10.0)  # ten seconds' worth
        self._now = now  # seconds, monotonic
        self._next = -math.inf  # when the bucket is full again, less its size
        self._silent_until = -math.inf

    async def turn(self) -> None:
        """Wait until one more request may go out."""
        now = self._now()
        self._next = max(self._next, now - self._burst * self._gap) + self._gap
        if self._next > now:
            await asyncio.sleep(self._next - now)

    def hush(self, seconds: float) -> None:
        """The service wants to be left alone for so long."""
        self._silent_until = self._now() + min(seconds, LONGEST_SILENCE)

    @property
    def silence(self) -> float:
        """For how many seconds the service still wants to be left alone."""
        return max(0.0, self._silent_until - self._now())
