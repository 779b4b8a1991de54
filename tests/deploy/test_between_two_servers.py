"""docs/deploy/between-two-servers.md: a Postfix in front, Unchain, a Postfix behind."""

import contextlib
from collections.abc import Iterator

import pytest

from tests.deploy.letters import LETTERS, below_trace, trace
from tests.deploy.page import Page
from tests.deploy.setting import PEOPLE, Unchain, in_order, in_the_end, run, send
from tests.servers.postfix import Postfix, maildirs, postfix
from tests.servers.processes import free_port


class Recipe:
    """The page's servers; the one in front by route, another by relayhost."""

    def __init__(self, folder: pytest.TempPathFactory) -> None:
        self.page = Page("between-two-servers.md")
        self.unchain = Unchain(folder.mktemp("unchain"))
        self.front_port, self.behind_port = free_port(), self.unchain.hop
        self.page.fill_in(
            {
                "example.com": "example.com",
                "front.example.com:25": f"127.0.0.1:{self.front_port}",
                "[unchain.example.com]:8025": f"[127.0.0.1]:{self.unchain.smtp}",
                "0.0.0.0:8025": f"127.0.0.1:{self.unchain.smtp}",
                "behind.example.com:25": f"127.0.0.1:{self.behind_port}",
                "192.0.2.10/32": "127.0.0.1/32",
                "192.0.2.20/32": "127.0.0.1/32",
            }
        )
        self.unchain.configure(self.page.block("config.toml"))
        self.behind_main = {**maildirs(*PEOPLE), **self.page.settings("Behind", "main.cf")}
        self.by_route: Postfix
        self.by_relayhost: Postfix
        self.behind: Postfix

    @contextlib.contextmanager
    def running(self) -> Iterator["Recipe"]:
        page = self.page
        table = {"unchain-transport": page.block("/etc/postfix/unchain-transport")}
        route, everything = page.settings("stay as they are", "main.cf"), page.settings("everything")
        strangers = {"local_header_rewrite_clients": ""}  # in life, senders are other machines
        self.unchain.start()
        with (
            postfix({**route, **strangers}, files=table, port=self.front_port) as self.by_route,
            postfix({**everything, **strangers, "default_transport": "smtp"}) as self.by_relayhost,
            self.back() as self.behind,
        ):
            yield self
            in_order(self.unchain, self.by_route, self.by_relayhost, self.behind)
        self.unchain.close()
        assert page.unused == set()

    def back(self) -> contextlib.AbstractContextManager[Postfix]:
        return postfix(self.behind_main, port=self.behind_port)

    def came(self, user: str, letter: bytes) -> list[bytes]:
        wanted = below_trace(letter)
        return [mail for mail in self.behind.received(user) if below_trace(mail) == wanted]

    def await_one(self, user: str, letter: bytes) -> bytes:
        in_the_end(
            lambda: len(self.came(user, letter)) == 1,
            f"the mail for {user}",
            lambda: self.by_route.log,
            lambda: self.unchain.log,
            lambda: self.behind.log,
        )
        return self.came(user, letter)[0]


@pytest.fixture(scope="module")
def recipe(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recipe]:
    with Recipe(tmp_path_factory).running() as running:
        yield running


@pytest.mark.parametrize("name", LETTERS)
def test_a_mail_arrives_as_it_was_sent_below_its_trace(recipe: Recipe, name: str) -> None:
    send(recipe.by_route.port, LETTERS[name], "ann@example.com", "bob@example.com", "cleo@example.com")
    for user in ("bob", "cleo"):
        mail = recipe.await_one(user, LETTERS[name])
        assert ["by unchain.example.com" in hop for hop in trace(mail)] == [False, True, False]


def test_with_relayhost_it_is_the_same(recipe: Recipe) -> None:
    letter = LETTERS["eight bits"].replace(b"<bits@", b"<relayhost@")
    send(recipe.by_relayhost.port, letter, "ann@example.com", "bob@example.com")
    recipe.await_one("bob", letter)
    assert recipe.by_relayhost.log.count("status=sent") == 1


def test_the_command_of_the_page_sends_a_mail(recipe: Recipe) -> None:
    (command,) = recipe.page.commands("Send a mail")
    sent = run(command)
    assert sent.returncode == 0, sent.stdout
    in_the_end(
        lambda: any(b"Subject: A first mail\n" in mail for mail in recipe.behind.received("bob")), "the mail"
    )


def test_a_recipient_refused_behind_is_told_to_the_sender_and_the_other_gets_the_mail(recipe: Recipe) -> None:
    letter = LETTERS["plain"].replace(b"<plain@", b"<refused@")
    send(recipe.by_route.port, letter, "ann@example.com", "nobody@example.com", "bob@example.com")
    recipe.await_one("bob", letter)

    def told() -> list[bytes]:
        return [mail for mail in recipe.behind.received("ann") if b"multipart/report" in mail]

    in_the_end(lambda: len(told()) == 1, "a notification", lambda: recipe.unchain.log)
    assert b"Final-Recipient: rfc822; nobody@example.com\n" in told()[0]
    assert b"\nStatus: 5.1.1\n" in told()[0]
    assert b"bob@example.com:" not in told()[0]
    assert recipe.unchain.balance().bounced == 1


def test_while_the_server_behind_is_down_unchain_keeps_the_mail(recipe: Recipe) -> None:
    letter = LETTERS["plain"].replace(b"<plain@", b"<behind@")
    recipe.behind.run("postfix", "stop")
    send(recipe.by_route.port, letter, "ann@example.com", "bob@example.com")
    in_the_end(
        lambda: not recipe.by_route.queued and recipe.unchain.balance().queued == 1, "queued in Unchain"
    )
    assert recipe.unchain.status["queued"] == 1
    recipe.behind.run("postfix", "start")
    recipe.await_one("bob", letter)
