"""What the recipes have in common: Unchain running on the lines of a page, and a look at what it has kept."""

import json
import smtplib
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlmodel import col, select

from store import people
from store.tables import RawMailRow
from tests.servers import postfix, swaks
from tests.unchain.conversation import ten_mails
from tests.unchain.installation import RealInstallation, answers, wait_until

PEOPLE = ("ana", "ann", "bob", "cleo", "dev", "team")

_BASE = """
[organisation]
name = "Example"
domains = ["example.com"]
url = "http://127.0.0.1:{web}"

[store]
url = "sqlite:///unchain.db"

[outbound]
first_retry = 0.3
lease = 4

[web]
listen = "127.0.0.1:{web}"

[[spaces]]
name = "blog"
connector = {{ type = "commons", form = "blog" }}

[[rules]]
name = "Chains of several people"
when = [{{ messages = {{ min = 3 }} }}, {{ participants = {{ min = 3 }} }}]
to = "blog"
stage = "move"
"""
_SETTLE = "\n[settle]\nquiet = 1.5\n"


def missing() -> str:
    """Why recipes cannot be tried here, "" where they can."""
    return postfix.missing() or swaks.missing()


class Unchain(RealInstallation):
    """A running `unchain serve` with the lines of a recipe; its ports are known before its config is."""

    def configure(self, lines: str) -> None:
        """Write the config: what is the same everywhere, and the recipe's own lines."""
        settle = "" if "[settle]" in lines else _SETTLE
        self.config.write_text(_BASE.format(web=self.web) + settle + lines, encoding="utf-8")

    def start(self) -> None:
        """Start the service and wait until it takes mail; what reads it may come up meanwhile."""
        self.start_by(sys.executable, "-m", "unchain", "serve", "--config", str(self.config))

    def begin(self, *command: str) -> None:
        """Start it by a command of one's own, without waiting."""
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)

    def start_by(self, *command: str) -> None:
        """Start it by a command of a page, and wait until it takes mail."""
        self.begin(*command)
        wait_until(lambda: answers(self.smtp), f"Unchain takes mail; log:\n{self.log}")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One of its commands, run on the same config."""
        return subprocess.run(
            [sys.executable, "-m", "unchain", *arguments, "--config", str(self.config)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def status(self) -> dict[str, Any]:
        """What `unchain status --json` says."""
        found: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return found

    def kept(self) -> list[tuple[str, bytes]]:
        """All mails that it has stored, oldest first: source and bytes."""
        database = self.database()
        with database.read() as session:
            rows = session.exec(select(RawMailRow).order_by(col(RawMailRow.id))).all()
            found = [(row.source, zlib.decompress(row.content)) for row in rows]
        database.close()
        return found

    def has_opted_out(self, email: str) -> bool:
        """Whether a person's STOP has been obeyed."""
        database = self.database()
        with database.read() as session:
            found = people.opted_out(session, [email])
        database.close()
        return bool(found)


def send(port: int, content: bytes, sender: str, *recipients: str) -> None:
    """Hand one mail to a server by SMTP, byte for byte."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.ehlo("client.example.com")
        client.mail(sender, ["BODY=8BITMIME"])
        for recipient in recipients:
            assert client.rcpt(recipient)[0] == 250
        assert client.data(content)[0] == 250


def send_ten_mails(port: int) -> None:
    """A discussion of four people, ana to dev, that moves to the blog."""
    for mail in ten_mails():
        addresses = (mail.sender, *mail.recipients)
        sender, *to = (each.replace("acme.example", "example.com") for each in addresses)
        send(port, mail.content.replace(b"acme.example", b"example.com"), sender, *to)


def redirect_replies(server: postfix.Postfix) -> Counter[str]:
    """How many each person has got."""
    return Counter(
        user for user in PEOPLE for mail in server.received(user) if b"\nAuto-Submitted: auto-replied" in mail
    )


def run(command: str) -> subprocess.CompletedProcess[str]:
    """A shell command as a page writes it."""
    return subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, check=False)


def in_the_end(condition: Callable[[], bool], what: str, *tell: Callable[[], str]) -> None:
    """Wait for the condition; where it never comes, fail with `what` and all that is told."""
    try:
        wait_until(condition, what, 60)
    except AssertionError as error:
        raise AssertionError("\n".join([str(error), *(each()[-4000:] for each in tell)])) from None


def in_order(installation: Unchain, *servers: postfix.Postfix) -> None:
    """What holds after each recipe: no server has mail left, and Unchain's balance is even."""
    in_the_end(
        lambda: not any(server.queued for server in servers),
        "empty queues",
        lambda: str([server.queued for server in servers]),
        lambda: installation.log,
    )
    in_the_end(lambda: installation.balance().queued == 0, "nothing queued", lambda: installation.log)
    assert installation.balance().holds
