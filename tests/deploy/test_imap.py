"""docs/deploy/imap.md: copies in a mailbox that Unchain reads, and how soon a push is decided on."""

import time
from collections.abc import Callable, Iterator

import pytest
from imapclient import IMAPClient  # type: ignore[import-untyped]

from store import decisions, thread_keys
from tests.deploy.letters import LETTERS, below_trace
from tests.deploy.page import Page
from tests.deploy.setting import PEOPLE, Unchain, in_order, in_the_end, send
from tests.servers.dovecot import PASSWORD, Dovecot, dovecot, missing_lmtp
from tests.servers.postfix import Postfix, maildirs, postfix
from tests.servers.processes import free_port

# A decision under load can take longer than the 2 s that it takes on a machine of its own.
GENEROUS = 30.0
_LMTP = """
protocols = imap lmtp
postmaster_address = postmaster@example.com
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


class Recipe:
    """The page's three servers, running."""

    def __init__(self, unchain: Unchain, server: Postfix, boxes: Dovecot) -> None:
        self.unchain, self.server, self.boxes = unchain, server, boxes

    def is_decided(self, message_id: str) -> bool:
        database = self.unchain.database()
        with database.read() as session:
            thread = thread_keys.of_message(session, message_id)
            found = None if thread is None else decisions.latest(session, thread)
        database.close()
        return found is not None

    def await_decision(self, message_id: str) -> None:
        in_the_end(
            lambda: self.is_decided(message_id),
            f"a decision on {message_id}",
            lambda: self.unchain.log,
            lambda: self.boxes.log,
        )


@pytest.fixture(scope="module")
def recipe(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recipe]:
    reason = missing_lmtp()
    if reason:
        pytest.skip(reason)
    page = Page("imap.md")
    unchain = Unchain(tmp_path_factory.mktemp("unchain"))
    imap, imaps, lmtp, port = (free_port() for _ in range(4))
    with (
        pytest.MonkeyPatch.context() as environment,
        dovecot((imap, imaps), lines=_LMTP.format(port=lmtp)) as boxes,
    ):
        environment.setenv("JOURNAL_PASSWORD", PASSWORD)
        page.fill_in(
            {
                "journal@example.com": "journal@example.com",
                "imap.example.com": "localhost",
                "993": str(imaps),
                "/etc/unchain/ca.pem": str(boxes.authority),
                "JOURNAL_PASSWORD": "JOURNAL_PASSWORD",
                "127.0.0.1:8025": f"127.0.0.1:{unchain.smtp}",
                "mail.example.com:25": f"127.0.0.1:{port}",
            }
        )
        unchain.configure(page.block("In `config.toml`") + page.block("at once while you try"))
        main = {
            **maildirs(*PEOPLE, "journal"),
            "virtual_transport": f"lmtp:inet:[127.0.0.1]:{lmtp}",
            **page.settings("main.cf"),
        }
        unchain.start()
        with postfix(main, port=port) as server:
            yield Recipe(unchain, server, boxes)
            in_order(unchain, server)
        unchain.close()
    assert page.unused == set()


def _mail(number: int, answers: int | None = None) -> bytes:
    fields = [
        "From: Ann <ann@example.com>",
        "To: Bob <bob@example.com>, Cleo <cleo@example.com>",
        "Date: Mon, 2 Mar 2026 09:00:00 +0100",
        f"Message-ID: <push-{number}@example.com>",
        "Subject: Who waters the plants?",
        *([] if answers is None else [f"In-Reply-To: <push-{answers}@example.com>"]),
    ]
    return ("\r\n".join(fields) + f"\r\n\r\nI can, in week {number}.\r\n").encode()


def test_a_delivered_mail_is_copied_taken_and_deleted_in_the_mailbox(recipe: Recipe) -> None:
    letter = LETTERS["eight bits"]
    send(recipe.server.port, letter, "ann@example.com", "bob@example.com")

    def kept() -> list[str]:
        return [source for source, mail in recipe.unchain.kept() if below_trace(mail) == below_trace(letter)]

    in_the_end(lambda: len(kept()) == 1, "the copy", lambda: recipe.unchain.log, lambda: recipe.boxes.log)
    assert kept() == ["imap"]
    in_the_end(lambda: len(recipe.boxes.received("bob")) == 1, "bob's mail", lambda: recipe.server.log)
    assert below_trace(recipe.boxes.received("bob")[0]) == below_trace(letter)
    with IMAPClient("127.0.0.1", recipe.boxes.port, ssl=False) as client:
        client.login("journal@example.com", PASSWORD)
        in_the_end(lambda: client.select_folder("INBOX")[b"EXISTS"] == 0, "an empty mailbox")


def test_a_push_is_decided_on_at_once(
    recipe: Recipe, record_testsuite_property: Callable[[str, object], None]
) -> None:
    with IMAPClient("127.0.0.1", recipe.boxes.port, ssl=False) as client:
        client.login("journal@example.com", PASSWORD)
        client.append("INBOX", _mail(1))
        client.append("INBOX", _mail(2, answers=1))
        recipe.await_decision("push-2@example.com")  # the classifier is loaded by now
        in_the_end(lambda: client.select_folder("INBOX")[b"EXISTS"] == 0, "an empty mailbox")

        seconds = sorted(_push_to_decision(recipe, client, number) for number in (10, 20, 30))
    record_testsuite_property("push to decision, seconds", [round(each, 3) for each in seconds])
    assert seconds[-1] < GENEROUS


def _push_to_decision(recipe: Recipe, client: IMAPClient, number: int) -> float:
    """Seconds from the arrival of a thread's second mail in the mailbox to the thread's recorded decision."""
    client.append("INBOX", _mail(number))
    first = f"push-{number}@".encode()
    in_the_end(lambda: any(first in mail for _, mail in recipe.unchain.kept()), "the first mail")
    began = time.monotonic()
    client.append("INBOX", _mail(number + 1, answers=number))
    recipe.await_decision(f"push-{number + 1}@example.com")
    return time.monotonic() - began
