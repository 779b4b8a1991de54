"""IMAP under adverse conditions, with a real Dovecot: many folders, servers that die, hang or cannot IDLE."""

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ingest.sources import imap
from ingest.sources.imap import ImapSource
from ingest.sources.imap_account import ImapAccount
from tests.ingest.test_imap import (
    Memory,
    _secret,
    available,
    in_folder,
    mailbox,
    options,
    put,
    reading,
    server,
    signed_in,
    until,
    user,
)
from tests.servers.dovecot import Dovecot, dovecot

__all__ = ["_secret", "available", "mailbox", "server", "user"]  # fixtures


class Line:
    """A connection to a server that can be cut or go dead."""

    def __init__(self, port: int, *, poison: bytes = b"") -> None:
        self._target = port
        self._poison = poison  # cut wherever the server sends this
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.dead = threading.Event()  # nothing passes any more, and nobody is told
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            if select.select([self._listener], [], [], 0.05)[0]:
                near, _ = self._listener.accept()
                self.connections += 1
                self._threads.append(threading.Thread(target=self._pass_on, args=(near,)))
                self._threads[-1].start()

    def _pass_on(self, near: socket.socket) -> None:
        dead = self.dead  # of this connection only
        with near, socket.create_connection(("127.0.0.1", self._target)) as far:
            other = {near: far, far: near}
            while not self._ended.is_set():
                for ready in select.select([near, far], [], [], 0.05)[0]:
                    if dead.is_set():
                        self._ended.wait(0.05)
                        continue
                    with contextlib.suppress(OSError):
                        received = ready.recv(65536)
                        if not received or (self._poison and ready is far and self._poison in received):
                            return
                        other[ready].sendall(received)

    def close(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()


@contextlib.contextmanager
def line(port: int, *, poison: bytes = b"") -> Iterator[Line]:
    made = Line(port, poison=poison)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def running(source: ImapSource | ImapAccount) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=source.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def test_several_folders_and_patterns_are_read_and_new_ones_found(
    server: Dovecot, user: str, mailbox: Any
) -> None:
    for name in ("Équipe", "Projets", "Projets/Été", "Autre", "Projets/Lu"):
        mailbox.create_folder(name)
    put(mailbox, "in")
    put(mailbox, "team", folder="Équipe")
    put(mailbox, "summer", folder="Projets/Été")
    put(mailbox, "other", folder="Autre")
    put(mailbox, "moved before", folder="Projets/Lu")
    memory = Memory()
    chosen = options(
        server,
        user,
        folder=["INBOX", "Équipe", "Projets/*"],
        poll_seconds=0.3,
        after="move",
        move_to="Projets/Lu",
    )
    assert ImapAccount(chosen, memory).check() == {"INBOX": 1, "Équipe": 1, "Projets/Été": 1}
    with running(ImapAccount(chosen, memory, first_pause=0.05)):
        until(lambda: len(memory.mails) == 3, "what is in the folders is taken")
        mailbox.create_folder("Projets/Neuf")
        put(mailbox, "new", folder="Projets/Neuf")
        until(lambda: len(memory.mails) == 4, "a new folder is found")
        until(lambda: in_folder(mailbox, "Projets/Lu") == 5, "all are moved")
    assert sorted(memory.subjects) == [b"in", b"new", b"summer", b"team"]
    assert len(memory.positions) == 4


def test_a_folder_that_cannot_be_read_stops_no_other(server: Dovecot, user: str, mailbox: Any) -> None:
    put(mailbox, "in")
    memory = Memory()
    with running(ImapAccount(options(server, user, folder=["Nowhere", "INBOX"]), memory, first_pause=0.05)):
        until(lambda: memory.subjects == [b"in"], "the other folder is read")


def test_while_the_disk_is_nearly_full_mails_stay_in_the_mailbox(
    server: Dovecot, user: str, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.room.LOOK_AGAIN", 0.02)
    short, asked, memory = threading.Event(), threading.Semaphore(0), Memory()
    short.set()

    def has_no_room() -> bool:
        asked.release()
        return short.is_set()

    put(mailbox, "one", "two")
    with running(ImapAccount(options(server, user, after="delete"), memory, has_no_room=has_no_room)):
        for _ in range(5):
            assert asked.acquire(timeout=60)
        assert (in_folder(mailbox), memory.subjects, memory.positions) == (2, [], {})
        short.clear()
        until(lambda: memory.subjects == [b"one", b"two"], "they are taken when there is room")
        until(lambda: in_folder(mailbox) == 0, "and deleted")


def test_a_mail_at_which_the_server_dies_is_left_and_the_others_taken(
    server: Dovecot, user: str, mailbox: Any, caplog: pytest.LogCaptureFixture
) -> None:
    put(mailbox, "one", "two", "the poisoned one", "three", "four")
    memory = Memory()
    with line(server.port, poison=b"the poisoned one") as cut:
        near = options(replace(server, port=cut.port), user, after="delete")
        with reading(near, memory):
            until(lambda: len(memory.mails) == 4, "the others are taken")
            put(mailbox, "five")
            until(lambda: len(memory.mails) == 5, "and what comes later")
            until(lambda: in_folder(mailbox) == 1, "the bad one is left")
    assert memory.subjects == [b"one", b"two", b"three", b"four", b"five"]
    assert "mail 3 is left there: the connection breaks whenever it is fetched" in caplog.text


def test_a_server_without_idle_is_looked_at(available: None, user: str) -> None:
    memory = Memory()
    lines = "protocol imap {\n  imap_capability = IMAP4rev1 UIDPLUS LITERAL+\n}\n"
    with dovecot(lines=lines) as plain, signed_in(plain, user) as client:
        assert not client.has_capability("IDLE")
        with reading(options(plain, user, poll_seconds=0.2), memory):
            put(client, "one")
            until(lambda: memory.subjects == [b"one"], "the mail is found")
            put(client, "two")
            until(lambda: len(memory.mails) == 2, "the next one too")


def test_a_server_that_dies_while_we_wait_is_asked_again(available: None, user: str) -> None:
    memory = Memory()
    with dovecot() as real, signed_in(real, user) as client:
        first = Line(real.port)
        with reading(options(replace(real, port=first.port), user, poll_seconds=3600), memory):
            put(client, "one")
            until(lambda: len(memory.mails) == 1, "it waits for news")
            kill_sessions(real)
            put_again(real, user, "two")
            until(lambda: memory.subjects == [b"one", b"two"], "it connects again")
        first.close()
        assert first.connections >= 2


def kill_sessions(running: Dovecot) -> None:
    """End all IMAP sessions of the server, as a restart does."""
    import subprocess

    assert running.folder is not None
    subprocess.run(
        ["doveadm", "-c", running.folder / "dovecot.conf", "kick", "*"], check=True, capture_output=True
    )


def put_again(running: Dovecot, user: str, subject: str) -> None:
    with signed_in(running, user) as client:
        put(client, subject)


def test_a_line_that_went_dead_while_we_waited_is_found_out(
    server: Dovecot, user: str, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "LONGEST_WAIT", 1.0)
    memory = Memory()
    with line(server.port) as half_open:
        near = options(replace(server, port=half_open.port), user, poll_seconds=3600)
        with running(ImapSource(near, memory, first_pause=0.05, patience=1.0)):
            put(mailbox, "one")
            until(lambda: memory.subjects == [b"one"], "it waits for news")
            half_open.dead.set()
            half_open.dead = threading.Event()  # later connections live
            put(mailbox, "two")
            until(lambda: memory.subjects == [b"one", b"two"], "it has connected again")


def test_a_mail_of_nearly_fifty_megabytes_is_taken_whole(server: Dovecot, user: str, mailbox: Any) -> None:
    body = b"0123456789abcdef" * 64 + b"\r\n"
    body *= 50 * 1024 * 1024 // len(body) - 1
    put(mailbox, "large", body=body)
    memory = Memory()
    with reading(options(server, user), memory):
        until(lambda: len(memory.mails) == 1, "it is taken")
    assert memory.mails[0].content == b"Subject: large\r\n\r\n" + body


def test_portions_are_searched_and_asked_for_in_order(
    server: Dovecot, user: str, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "WINDOW", 7)
    monkeypatch.setattr(imap, "ASKED_AT_ONCE", 3)
    names = [f"m{n}" for n in range(40)]
    put(mailbox, *names)
    mailbox.select_folder("INBOX")
    mailbox.delete_messages(list(range(5, 25)))
    mailbox.expunge()
    memory = Memory()
    with reading(options(server, user), memory):
        until(lambda: len(memory.mails) == 20, "all that are left are taken")
        put(mailbox, "later")
        until(lambda: len(memory.mails) == 21, "and the later one")
    assert memory.subjects == [f"m{n}".encode() for n in (*range(4), *range(24, 40))] + [b"later"]
