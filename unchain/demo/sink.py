"""A mail server that keeps everything: the next hop of the demo and of the tests.

Stores each mail durably in a folder as NUMBER.eml with its envelope in NUMBER.json, and can be told how to
treat a recipient. Delivers nothing to anyone.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, kw_only=True)
class SunkMail:
    """A mail as it arrived."""

    envelope_from: str  # "" is the null reverse-path
    rcpt_to: tuple[str, ...]
    content: bytes


class Sink:
    """Stores mails in `folder`; `mails` works in any process that knows the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.most_recipients = 10_000  # of one mail; the others are told 452
        self._replies: dict[str, str] = {}
        self._hanging: set[str] = set()
        self._server: asyncio.Server | None = None
        self._sessions: set[_SinkSession] = set()
        self._last = max((int(path.stem) for path in folder.glob("*.json")), default=0)

    def answer(self, recipient: str, reply: str) -> None:
        """Answer RCPT for this recipient with a reply such as "550 5.1.1 no such user"."""
        self._replies[recipient] = reply

    def hang(self, recipient: str) -> None:
        """Never answer RCPT for this recipient."""
        self._hanging.add(recipient)

    def behave(self) -> None:
        """Take mail for everyone again."""
        self._replies.clear()
        self._hanging.clear()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen and return the port."""
        self.folder.mkdir(parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _SinkSession(self, self._sessions), host, port)
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    async def close(self) -> None:
        """Stop listening and cut all connections."""
        if self._server is not None:
            self._server.close()
            for session in list(self._sessions):
                session.cut()
            await self._server.wait_closed()
            self._server = None

    def mails(self) -> list[SunkMail]:
        """All mails stored so far, oldest first."""
        # The envelope is written last: where it is, the mail is whole.
        return [self._read(path) for path in sorted(self.folder.glob("*.json"))]

    def _read(self, envelope: Path) -> SunkMail:
        fields = json.loads(envelope.read_text(encoding="utf-8"))
        return SunkMail(
            envelope_from=fields["from"],
            rcpt_to=tuple(fields["to"]),
            content=envelope.with_suffix(".eml").read_bytes(),
        )

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer as told, or take the recipient."""
        if address in self._hanging:
            await asyncio.Event().wait()
        reply = self._replies.get(address)
        if len(envelope.rcpt_tos) >= self.most_recipients:
            reply = "452 4.5.3 too many recipients"
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Store the mail and only then take it."""
        self._last += 1
        number = self._last
        sender = envelope.mail_from or ""
        fields: dict[str, object] = {"from": "" if sender == "<>" else sender, "to": envelope.rcpt_tos}
        await asyncio.to_thread(self._store, number, bytes(envelope.original_content or b""), fields)
        return f"250 2.0.0 stored as {number}"

    def _store(self, number: int, content: bytes, fields: dict[str, object]) -> None:
        path = self.folder / f"{number:08d}.eml"
        _write_durably(path, content)
        _write_durably(path.with_suffix(".json"), json.dumps(fields).encode())


class _SinkSession(SMTP):
    line_length_limit = 64 * 1024 * 1024

    def __init__(self, sink: Sink, sessions: "set[_SinkSession]") -> None:
        super().__init__(
            sink,
            enable_SMTPUTF8=True,
            hostname="sink.example",
            data_size_limit=self.line_length_limit,
            loop=asyncio.get_running_loop(),
        )
        self._open = sessions

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._open.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._open.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        if self.transport is not None:
            self.transport.close()


def _write_durably(path: Path, content: bytes) -> None:
    partial = path.with_suffix(path.suffix + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
