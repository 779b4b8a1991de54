"""Starting a server for a test, waiting until it answers, and ending it with all that it has started."""

import contextlib
import http.client
import itertools
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

START = 180  # seconds; a busy machine takes ten times what a quiet one does
# Below those that systems give to whoever asks for any: one of those may be taken again before it is used.
_PORTS = range(10_000, 32_000)
_first = random.randrange(len(_PORTS))
_next_ports = itertools.cycle((*_PORTS[_first:], *_PORTS[:_first]))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses and that was not given before."""
    for port in _next_ports:
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("unreachable: the ports are gone through again and again")


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    log: Path,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own; when left, it and all that it has started are ended."""
    with log.open("ab") as written:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def await_answer(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    """Wait until a GET is answered with less than 500; AssertionError with the log where it never is."""
    until = time.monotonic() + START
    while time.monotonic() < until:
        assert process.poll() is None, f"it ended at once: {tail(log)}"
        with contextlib.suppress(OSError, http.client.HTTPException):
            if _status(port, path) < 500:
                return
        threading.Event().wait(0.1)
    raise AssertionError(f"port {port} does not answer: {tail(log)}")


def tail(log: Path) -> str:
    """The end of a log, for the message of a failed test."""
    return log.read_text(errors="replace")[-2000:] if log.exists() else "no log"


def run(command: Sequence[str | Path], *, folder: Path | None = None, **environment: str) -> str:
    """Run a command to its end and give what it prints; AssertionError with all of it where it fails."""
    ended = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"{command[0]} failed: {ended.stdout[-1500:]}{ended.stderr[-1500:]}"
    return ended.stdout


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a whole process group, gently first."""
    for number, patience in ((signal.SIGTERM, 15.0), (signal.SIGKILL, 15.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            process.poll()  # takes note of its end, so that its number does not stay in the group
            if not _alive(process.pid):
                return
            threading.Event().wait(0.05)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
