"""A running installation in which three conversations have moved to pages, and one of two people has not."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from store import decisions, publications, threads
from tests.unchain.conversation import PEOPLE, ten_mails
from tests.unchain.installation import RealInstallation, wait_until
from unchain.demo.sink import SunkMail

BLOG = "Meeting rooms: booked but empty"
WIKI = "How do we use our meeting rooms?"
TAKEN_BACK = "Meeting rooms: doors and signs"  # in the blog, until somebody takes it back
_PRIVATE = "Between the two of us"
_WIKI_RULE = """
[[rules]]
name = "Questions become pages"
when = [{ subject = "How do we" }, { participants = { min = 3 } }]
to = "wiki"
stage = "move"

[[rules]]"""


class MeetingRooms(RealInstallation):
    """Of Ana, Bob, Cléo and Dev, in that order; the private mail is Ana's to Bob."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.config.write_text(self.config.read_text().replace("\n[[rules]]", _WIKI_RULE, 1))

    def begin(self) -> None:
        """Start, send all mails, each conversation from its end, and wait until all is decided."""
        self.sink.start()
        self.start()
        for subject in (BLOG, WIKI, TAKEN_BACK):
            for mail in reversed(ten_mails(subject)):
                self.send(mail.content, mail.sender, mail.recipients)
        self.send(_between_two(), "ana@acme.example", ["bob@acme.example"])
        wait_until(lambda: len(self._paths()) == 3, "three pages")
        wait_until(lambda: bool(self._private()), "a decision on what two people wrote")

    def path(self, subject: str) -> str:
        """Where a conversation's page is."""
        return self._paths()[subject]

    def private_thread(self) -> str:
        """The path of the conversation between two people."""
        return f"/thread/{self._private()[0]}"

    def sign_in_links(self, recipient: str) -> list[str]:
        """The links that a person got by mail."""
        mails = [
            message_from_bytes(mail.content, policy=policy.default) for mail in self._sunk_for(recipient)
        ]
        texts = [
            mail.get_body(("plain",)).get_content()
            for mail in mails
            if str(mail["Subject"]).startswith("Your sign-in link")
        ]
        return [re.search(r"http://\S+", text)[0] for text in texts]

    def _sunk_for(self, recipient: str) -> list[SunkMail]:
        return [mail for mail in self.sunk() if recipient in mail.rcpt_to]

    def _paths(self) -> dict[str, str]:
        database = self.database()
        with database.read() as session:
            found = {
                planned.title: urlsplit(planned.receipt.url).path
                for planned in publications.everything(session)
                if planned.receipt is not None
            }
        database.close()
        return found

    def _private(self) -> list[str]:
        database = self.database()
        with database.read() as session:
            decided = [threads.load(session, decision.thread_id) for decision, _ in decisions.recent(session)]
        database.close()
        return [thread.id for thread in decided if thread.messages[0].message.subject == _PRIVATE]


def _between_two() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = PEOPLE["ana"], PEOPLE["bob"]
    mail["Subject"], mail["Message-ID"] = _PRIVATE, "<two.1@acme.example>"
    mail.set_content("Can you look at this before the others do?\n")
    return mail.as_bytes(policy=policy.SMTP)
