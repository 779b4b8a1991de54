"""The IMAP source against a real Dovecot: every mail is taken once, and touched only when it is stored."""

import contextlib
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient  # type: ignore[import-untyped]
from pydantic import ValidationError

from domain.errors import SourceError
from domain.mail import RawMail
from ingest.sources.imap import ImapOptions, ImapSource, Position
from tests.servers.dovecot import PASSWORD, Dovecot, dovecot, missing
from tests.servers.processes import free_port

SENT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Memory:
    """Remembers in memory; can refuse."""

    def __init__(self) -> None:
        self.mails: list[RawMail] = []
        self.positions: dict[str, Position] = {}
        self.refusals = 0

    def position(self, label: str) -> Position | None:
        return self.positions.get(label)

    def accept(self, mails: Sequence[RawMail], label: str, position: Position) -> None:
        if self.refusals:
            self.refusals -= 1
            raise RuntimeError("database is locked")
        self.mails.extend(mails)
        self.positions[label] = position

    @property
    def subjects(self) -> list[bytes]:
        return [mail.content.partition(b"\r\n")[0].removeprefix(b"Subject: ") for mail in self.mails]


@pytest.fixture(scope="module")
def available() -> None:
    reason = missing()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def server(available: None) -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A user of the test's own, and so an empty mailbox."""
    return f"{zlib.crc32(request.node.name.encode())}@example.com"


@pytest.fixture
def mailbox(server: Dovecot, user: str) -> Iterator[Any]:
    with signed_in(server, user) as client:
        yield client


@contextlib.contextmanager
def signed_in(server: Dovecot, user: str) -> Iterator[Any]:
    with IMAPClient("127.0.0.1", server.port, ssl=False) as client:
        client.login(user, PASSWORD)
        yield client


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOX_PASSWORD", PASSWORD)


def options(server: Dovecot | None = None, user: str = "ann@example.com", **changed: Any) -> ImapOptions:
    return ImapOptions.model_validate(
        {
            "host": "127.0.0.1",
            "port": server.port if server else 143,
            "security": "none",
            "user": user,
            "secret": {"env": "MAILBOX_PASSWORD"},
            "poll_seconds": 30,
            **changed,
        }
    )


def put(mailbox: Any, *subjects: str, folder: str = "INBOX", body: bytes = b"body\r\n") -> None:
    for subject in subjects:
        mailbox.append(folder, b"Subject: " + subject.encode() + b"\r\n\r\n" + body, msg_time=SENT)


@contextlib.contextmanager
def reading(options: ImapOptions, memory: Memory) -> Iterator[None]:
    stop = threading.Event()
    source = ImapSource(options, memory, first_pause=0.05)
    thread = threading.Thread(target=source.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        threading.Event().wait(0.02)


def in_folder(mailbox: Any, folder: str = "INBOX") -> int:
    return int(mailbox.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])


def test_what_is_there_is_taken_byte_for_byte_with_its_date_and_left_unread(
    server: Dovecot, user: str, mailbox: Any
) -> None:
    body = b".dot\r\n..\r\n\xff raw \xe9\r\n" + b"x" * 5000 + b"\r\n"
    put(mailbox, "one", body=body)
    memory = Memory()
    with reading(options(server, user), memory):
        until(lambda: len(memory.mails) == 1, "the mail is taken")
    [mail] = memory.mails
    assert mail.content == b"Subject: one\r\n\r\n" + body
    assert (mail.source, mail.received_at, mail.rcpt_to) == ("imap", SENT, ())
    mailbox.select_folder("INBOX")
    assert mailbox.get_flags([1])[1] in ((), (b"\\Recent",))


def test_a_new_mail_is_taken_at_once(server: Dovecot, user: str, mailbox: Any) -> None:
    memory = Memory()
    with reading(options(server, user, poll_seconds=3600), memory):
        put(mailbox, "first")
        until(lambda: memory.subjects == [b"first"], "the first mail is taken without a poll")
        put(mailbox, "second", "third")
        until(lambda: memory.subjects == [b"first", b"second", b"third"], "the others are taken too")


def test_a_source_started_again_goes_on_where_it_was(server: Dovecot, user: str, mailbox: Any) -> None:
    put(mailbox, "one", "two")
    memory = Memory()
    with reading(options(server, user), memory):
        until(lambda: len(memory.mails) == 2, "both are taken")
    put(mailbox, "three")
    with reading(options(server, user), memory):
        until(lambda: len(memory.mails) == 3, "the third is taken")
    assert memory.subjects == [b"one", b"two", b"three"]


def test_a_hundred_and_twenty_mails_come_in_order_and_once(server: Dovecot, user: str, mailbox: Any) -> None:
    names = [f"m{n}" for n in range(120)]
    put(mailbox, *names)
    memory = Memory()
    with reading(options(server, user), memory):
        until(lambda: len(memory.mails) == 120, "all are taken")
    assert memory.subjects == [name.encode() for name in names]


def test_only_new_mail_is_taken_where_the_first_look_says_so(
    server: Dovecot, user: str, mailbox: Any
) -> None:
    put(mailbox, "old")
    memory = Memory()
    with reading(options(server, user, first_look="new"), memory):
        until(lambda: bool(memory.positions), "the place is remembered")
        put(mailbox, "new")
        until(lambda: len(memory.mails) == 1, "the new mail is taken")
    assert memory.subjects == [b"new"]


def test_taken_mails_are_moved_and_others_left(server: Dovecot, user: str, mailbox: Any) -> None:
    put(mailbox, "small")
    put(mailbox, "large", body=b"x" * 5000)
    memory = Memory()
    with reading(options(server, user, after="move", move_to="Lu/été", max_size=2000), memory):
        until(lambda: mailbox.folder_exists("Lu/été") and in_folder(mailbox, "Lu/été") == 1, "it is moved")
        until(lambda: in_folder(mailbox) == 1, "only the large one is left")
    assert memory.subjects == [b"small"]


def test_taken_mails_are_deleted(server: Dovecot, user: str, mailbox: Any) -> None:
    put(mailbox, "one", "two")
    memory = Memory()
    with reading(options(server, user, after="delete"), memory):
        until(lambda: in_folder(mailbox) == 0, "the folder is empty")
    assert memory.subjects == [b"one", b"two"]


def test_a_mail_that_could_not_be_stored_stays_and_is_tried_again(
    server: Dovecot, user: str, mailbox: Any
) -> None:
    put(mailbox, "one")
    memory = Memory()
    memory.refusals = 2
    with reading(options(server, user, after="delete"), memory):
        until(lambda: len(memory.mails) == 1, "the third try succeeds")
        until(lambda: in_folder(mailbox) == 0, "then it is deleted")
    assert memory.subjects == [b"one"]


def test_a_folder_made_anew_is_read_from_its_beginning(server: Dovecot, user: str, mailbox: Any) -> None:
    mailbox.create_folder("Team")
    put(mailbox, "old", folder="Team")
    memory = Memory()
    with reading(options(server, user, folder="Team"), memory):
        until(lambda: len(memory.mails) == 1, "the old mail is taken")
    before = memory.positions
    memory.positions = {
        label: Position(uid_validity=place.uid_validity - 1, uid=place.uid) for label, place in before.items()
    }
    with reading(options(server, user, folder="Team"), memory):
        until(lambda: len(memory.mails) == 2, "it is taken as new")
    assert memory.positions == before


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted_connections_check_the_certificate(
    server: Dovecot, user: str, mailbox: Any, security: str
) -> None:
    put(mailbox, "one")
    port = server.tls_port if security == "tls" else server.port
    trusting = options(
        server, user, security=security, port=port, host="localhost", authority=server.authority
    )
    distrusting = options(server, user, security=security, port=port, host="localhost")
    assert ImapSource(trusting, Memory()).check() == 1
    with pytest.raises(SourceError, match="certificate verify failed"):
        ImapSource(distrusting, Memory()).check()


def test_it_comes_back_after_the_server_was_away(available: None, user: str) -> None:
    memory = Memory()
    ports = (free_port(), free_port())
    mailbox = options(Dovecot(port=ports[0], tls_port=ports[1], authority=Path()), user)
    with reading(mailbox, memory):
        with dovecot(ports) as server, signed_in(server, user) as client:
            put(client, "one")
            until(lambda: memory.subjects == [b"one"], "it finds the server")
        with dovecot(ports) as server, signed_in(server, user) as client:
            put(client, "two")
            until(lambda: memory.subjects == [b"one", b"two"], "it finds the server again")


def test_check_says_what_is_wrong(server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="Nowhere"):
        ImapSource(options(server, user, folder="Nowhere"), Memory()).check()
    monkeypatch.setenv("MAILBOX_PASSWORD", "wrong")
    with pytest.raises(SourceError, match="uthentication failed"):
        ImapSource(options(server, user), Memory()).check()
    monkeypatch.delenv("MAILBOX_PASSWORD")
    with pytest.raises(SourceError, match="MAILBOX_PASSWORD is not set"):
        ImapSource(options(server, user), Memory()).check()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"after": "move"}, "belong together"),
        ({"move_to": "Read"}, "belong together"),
        ({"after": "move", "move_to": "INBOX"}, "name another"),
        ({"after": "burn"}, "keep"),
    ],
)
def test_wrong_options_are_named(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        options(**changed)
