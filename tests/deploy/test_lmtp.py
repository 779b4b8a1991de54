"""docs/deploy/lmtp.md: Postfix to Unchain by LMTP, and from Postfix to Dovecot by LMTP."""

import re
from collections.abc import Iterator

import pytest

from tests.deploy.letters import LETTERS, below_trace, trace
from tests.deploy.page import Page
from tests.deploy.setting import PEOPLE, Unchain, in_order, in_the_end, send
from tests.servers.dovecot import Dovecot, dovecot, missing_lmtp
from tests.servers.postfix import Postfix, maildirs, postfix
from tests.servers.processes import free_port


class Recipe:
    """The page's three servers, running."""

    def __init__(self, unchain: Unchain, port: int, server: Postfix, boxes: Dovecot, outside: int) -> None:
        self.unchain, self.server, self.boxes = unchain, server, boxes
        self.port = port  # Unchain's for LMTP
        self.outside = outside  # a port of the same Postfix whose clients count as other machines

    def came(self, user: str, letter: bytes) -> list[bytes]:
        return [mail for mail in self.boxes.received(user) if below_trace(mail) == below_trace(letter)]

    def await_one(self, user: str, letter: bytes) -> bytes:
        in_the_end(
            lambda: len(self.came(user, letter)) == 1,
            f"the mail for {user}",
            lambda: self.server.log,
            lambda: self.boxes.log,
            lambda: self.unchain.log,
        )
        return self.came(user, letter)[0]


@pytest.fixture(scope="module")
def recipe(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recipe]:
    reason = missing_lmtp()
    if reason:
        pytest.skip(reason)
    page = Page("lmtp.md")
    unchain = Unchain(tmp_path_factory.mktemp("unchain"))
    ports = {"8024": free_port(), "8025": unchain.smtp, "10026": free_port(), "24": free_port()}
    page.fill_in({example: str(port) for example, port in ports.items()})
    unchain.configure(page.block("config.toml"))
    outside = free_port()
    strangers = f"127.0.0.1:{outside} inet n - n - - smtpd -o local_header_rewrite_clients=\n"
    main = {**maildirs(*PEOPLE), **page.settings("main.cf")}
    unchain.start()
    with (
        dovecot(lines=page.block("dovecot.conf")) as boxes,
        postfix(main, services=strangers + page.block("master.cf")) as server,
    ):
        yield Recipe(unchain, ports["8024"], server, boxes, outside)
        in_order(unchain, server)
    unchain.close()
    assert page.unused == set()


@pytest.mark.parametrize("name", LETTERS)
def test_a_mail_arrives_as_it_was_sent_below_its_trace(recipe: Recipe, name: str) -> None:
    send(recipe.outside, LETTERS[name], "ann@example.com", "bob@example.com", "cleo@example.com")
    for user in ("bob", "cleo"):
        mail = recipe.await_one(user, LETTERS[name])
        of_unchain = [hop for hop in trace(mail) if "by unchain.example.com" in hop]
        assert [" with LMTP " in hop for hop in of_unchain] == [True]


def test_postfix_hears_a_reply_for_each_recipient(recipe: Recipe) -> None:
    letter = LETTERS["plain"].replace(b"<plain@", b"<each@")
    people = [f"{name}@example.com" for name in ("ann", "bob", "cleo")]
    send(recipe.outside, letter, "dev@example.com", *people)
    for user in ("ann", "bob", "cleo"):
        recipe.await_one(user, letter)
    entries = re.findall(r"(\w+): message-id=<each@example.com>", recipe.server.log)
    said = [
        line
        for line in recipe.server.log.splitlines()
        if f"[127.0.0.1]:{recipe.port}," in line and any(f" {entry}: to=" in line for entry in entries)
    ]
    assert sorted(line.partition("to=<")[2].partition(">")[0] for line in said) == people
    assert all("(250 2.0.0 Stored)" in line for line in said)
