"""Clients that send mails from several threads, and remember what was answered with 250."""

import smtplib
import threading
from random import Random

from tests.unchain.moody_hop import digest

SENDER = "ann@acme.example"
PEOPLE = tuple(f"{name}@acme.example" for name in ("bob", "cleo", "dev", "eva"))


def compose(name: str) -> tuple[bytes, list[str]]:
    """A mail of up to 40 kB with any bytes and lines that begin with dots, and who gets it."""
    chance = Random(name)
    size = chance.choice((200, 3000, 3000, 40_000))
    body = chance.randbytes(size).replace(b"\r", b"?").replace(b"\n", b"\r\n.")
    header = f"Message-ID: <{name}@acme.example>\r\nFrom: {SENDER}\r\nSubject: {name}\r\n\r\n"
    return header.encode() + body + b"\r\n", chance.sample(PEOPLE, chance.choice((1, 1, 2, 3)))


class Clients:
    """Threads that send numbered mails; a mail that is not answered with 250 is sent by nobody again."""

    def __init__(self, port: int, *, clients: int = 6, pause: float = 0.0) -> None:
        self.accepted: dict[str, list[str]] = {}  # the mail's digest → recipients
        self.names: dict[str, str] = {}  # every mail that was tried: digest → name
        self._port = port
        self._pause = pause
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(clients)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait(self, seconds: float) -> None:
        """Let them send for so long."""
        self._stop.wait(seconds)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive()

    def _send(self, client: int) -> None:
        number = 0
        while not self._stop.wait(self._pause):
            number += 1
            name = f"{client}.{number}"
            mail, recipients = compose(name)
            self.names[digest(mail)] = name
            try:
                with smtplib.SMTP("127.0.0.1", self._port, timeout=60) as connection:
                    connection.sendmail(SENDER, recipients, mail)
                    self.accepted[digest(mail)] = recipients
            except (OSError, smtplib.SMTPException):
                self._stop.wait(0.05)  # the edge is being killed: this mail stays with its sender
