"""Discussion chains sent one after the other, each mail until it is taken: people whose service is killed."""

import smtplib
import threading

from tests.unchain.conversation import PEOPLE, TURNS, ten_mails
from tests.unchain.moody_hop import digest

PAUSE = 0.7  # seconds between two chains: a worker that is killed all the time must keep up


class Chains:
    """A thread that sends conversations of four people each, no person in two of them."""

    def __init__(self, port: int) -> None:
        self.accepted: dict[str, list[str]] = {}  # the mail's digest → recipients
        self.people: list[frozenset[str]] = []  # of each whole chain
        self._port = port
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the chain that is under way."""
        self._stop.set()
        self._thread.join(120)
        assert not self._thread.is_alive()

    def _send(self) -> None:
        while not self._stop.wait(PAUSE):
            number = len(self.people)
            for mail in ten_mails(f"Meeting rooms of house {number}"):
                recipients = [_renamed(each, number) for each in mail.recipients]
                content = _renamed(mail.content.decode(), number).encode()
                self._insist(_renamed(mail.sender, number), recipients, content)
            self.people.append(frozenset(_renamed(f"{name}@acme.example", number) for name in PEOPLE))

    def _insist(self, sender: str, recipients: list[str], content: bytes) -> None:
        for _ in range(600):
            try:
                with smtplib.SMTP("127.0.0.1", self._port, timeout=60) as connection:
                    connection.sendmail(sender, recipients, content)
            except (OSError, smtplib.SMTPException):
                threading.Event().wait(0.1)
            else:
                self.accepted[digest(content)] = recipients
                return
        raise AssertionError("the service takes no mail any more")


def _renamed(text: str, number: int) -> str:
    """The text with people and Message-IDs of their own for each chain."""
    for name in PEOPLE:
        text = text.replace(f"{name}@", f"{name}{number}@")
    for turn in range(len(TURNS)):
        text = text.replace(f"<rooms-{turn}.", f"<rooms-{number}-{turn}.")
    return text
