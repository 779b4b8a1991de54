"""`unchain serve`: edge, worker and web as separate processes under one parent.

The parent starts the roles, restarts one that crashes, ends all when one cannot start (wrong config,
port taken) and passes signals on. A role ends by itself when its parent is gone, however that died.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from domain.errors import UnchainError
from unchain.lifeline import Lifeline, end_with_parent

logger = logging.getLogger(__name__)

RESTART_SECONDS = 1.0
DRAIN_SECONDS = 30.0  # systemd's own limit is 90


class Parent:
    """The processes of one installation."""

    def __init__(self, config: Path, *, edges: int = 1) -> None:
        """`edges` is how many processes take mail."""
        self._config = config
        self._roles = (*(("edge", number + 1) for number in range(edges)), ("worker", 1), ("web", 1))
        self._stop = asyncio.Event()
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._fatal: int = 0

    async def run(self) -> int:
        """Run all roles until a signal or a role that cannot start; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._pass_on, signal.SIGHUP)
        end_with_parent(self._stop)
        lifeline = Lifeline()
        try:
            await asyncio.gather(*(self._keep(role, number, lifeline) for role, number in self._roles))
        finally:
            lifeline.close()
        return self._fatal

    async def _keep(self, role: str, number: int, lifeline: Lifeline) -> None:
        """Start a role again whenever it ends; one that cannot start the first time ends the service.

        Later on it can: a config that has become wrong meanwhile must not stop the roles that run.
        """
        starts = 0
        while not self._stop.is_set():
            starts += 1
            process = await self._start(role, number, lifeline)
            code = await self._end_of(process)
            if self._stop.is_set():
                return
            if starts == 1 and _is_final(code):
                self._fatal = code
                self._stop.set()
                return
            logger.error("%s ended with code %d and is started again", role, code)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), RESTART_SECONDS)

    async def _start(self, role: str, number: int, lifeline: Lifeline) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "unchain", "serve", "--config", str(self._config)),
            *("--role", role, "--number", str(number)),
            pass_fds=lifeline.fds,
            env=lifeline.environment,
        )
        self._running[f"{role} {number}"] = process
        return process

    async def _end_of(self, process: asyncio.subprocess.Process) -> int:
        ended = asyncio.create_task(process.wait())
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not ended.done():
            process.terminate()
            await asyncio.wait({ended}, timeout=DRAIN_SECONDS)
        if not ended.done():
            process.kill()
        return await ended

    def _pass_on(self, number: signal.Signals) -> None:
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.send_signal(number)


def _is_final(code: int) -> bool:
    """Whether a role ended with a reason that starting it again cannot mend."""
    return code in {error.exit_code for error in _final_errors()}


def _final_errors() -> list[type[UnchainError]]:
    return [error for error in UnchainError.__subclasses__() if error.exit_code > 1]


async def run_role(body: Callable[[asyncio.Event], Awaitable[None]], on_hangup: Callable[[], object]) -> None:
    """Run one role until SIGTERM, SIGINT or the death of the parent."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, on_hangup)
    end_with_parent(stop)
    await body(stop)
