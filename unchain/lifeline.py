"""A process that must not outlive its parent, however the parent dies: a pipe that ends with it."""

import asyncio
import os

VARIABLE = "UNCHAIN_PARENT_FD"


class Lifeline:
    """Held by the parent; children get its reading end and see it end when the parent is gone."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()  # both close on exec; only `fds` is passed on

    @property
    def fds(self) -> tuple[int, ...]:
        """What a child inherits."""
        return (self._reading,)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a child."""
        return {**os.environ, VARIABLE: str(self._reading)}

    def close(self) -> None:
        """Cut it: children end."""
        os.close(self._writing)
        os.close(self._reading)


def end_with_parent(stop: asyncio.Event) -> None:
    """Set `stop` when the parent dies, where there is one that holds a lifeline."""
    reading = os.environ.get(VARIABLE)
    if reading is not None:
        # Nothing is ever written: the pipe becomes readable only when its other end is closed.
        asyncio.get_running_loop().add_reader(int(reading), _cut, int(reading), stop)


def _cut(reading: int, stop: asyncio.Event) -> None:
    asyncio.get_running_loop().remove_reader(reading)
    stop.set()
