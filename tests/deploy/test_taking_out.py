"""docs/deploy/taking-out.md: Unchain leaves the path of the mail, and no mail is lost."""

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.deploy.letters import LETTERS, below_trace, trace
from tests.deploy.page import Page
from tests.deploy.setting import PEOPLE, Unchain, in_order, in_the_end, send
from tests.servers.postfix import Postfix, maildirs, postfix
from tests.servers.processes import free_port


class Recipe:
    """Postfix with Unchain as its content filter, as the other page has it, and the commands of this page."""

    def __init__(self, page: Page, unchain: Unchain, server: Postfix, back: int) -> None:
        self.page, self.unchain, self.server, self.back = page, unchain, server, back
        self.sent: list[bytes] = []

    def send(self, how_many: int) -> None:
        for _ in range(how_many):
            letter = LETTERS["eight bits"].replace(b"<bits@", b"<%d@" % len(self.sent))
            send(self.server.port, letter, "ann@example.com", "bob@example.com")
            self.sent.append(letter)

    def came(self) -> list[bytes]:
        return self.server.received("bob")

    def send_until(self, condition: Callable[[], bool]) -> None:
        """Send until it holds: after a reload, a process of before may still take a mail or two."""

        def after_one_more() -> bool:
            self.send(1)
            return condition()

        in_the_end(after_one_more, "mail goes the new way", lambda: self.server.log)

    def follow(self, *words: str) -> None:
        """Do what the page says, on this Postfix."""
        for command in self.page.commands(*words):
            self.server.run(*shlex.split(command))

    def close_second_port(self) -> None:
        self.server.run("postconf", "-e", f"master_service_disable=127.0.0.1:{self.back}/inet")
        self.server.run("postfix", "reload")

    def open_second_port(self) -> None:
        self.server.run("postconf", "-X", "master_service_disable")
        self.server.run("postfix", "reload")

    def await_all(self) -> None:
        wanted = Counter(below_trace(letter) for letter in self.sent)
        in_the_end(
            lambda: Counter(below_trace(mail) for mail in self.came()) == wanted,
            "each mail once",
            lambda: self.unchain.log,
            lambda: self.server.log,
        )


@pytest.fixture
def recipe(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recipe]:
    unchain = Unchain(tmp_path_factory.mktemp("unchain"))
    filtered, page = Page("content-filter.md"), Page("taking-out.md")
    port, back = free_port(), free_port()
    filtered.fill_in({"8025": str(unchain.smtp), "10026": str(back), "127.0.0.1:25": f"127.0.0.1:{port}"})
    page.fill_in({"10026": str(back)})
    unchain.configure(filtered.block("config.toml"))
    main = {**maildirs(*PEOPLE), **filtered.settings("main.cf")}
    unchain.start()
    with postfix(main, services=filtered.block("master.cf"), port=port) as server:
        yield Recipe(page, unchain, server, back)
        in_order(unchain, server)
    unchain.close()
    assert page.unused == set()


def test_nothing_is_lost_on_the_way_out(recipe: Recipe) -> None:
    recipe.close_second_port()
    recipe.send(5)
    in_the_end(lambda: recipe.unchain.balance().queued == 5, "five queued in Unchain")

    recipe.follow("take out the two lines")
    recipe.send_until(lambda: any(len(trace(mail)) == 1 for mail in recipe.came()))

    (status,) = recipe.page.commands("What Unchain has accepted")
    asked = shlex.split(status)[1:]
    assert re.search(r"queued\W+[1-9]", recipe.unchain.run(*asked).stdout)
    recipe.open_second_port()
    in_the_end(
        lambda: re.search(r"queued\W+0\b", recipe.unchain.run(*asked).stdout) is not None,
        "none queued",
        lambda: recipe.unchain.run(*asked).stdout,
        lambda: recipe.unchain.log,
        lambda: recipe.server.log,
    )
    recipe.await_all()

    # Unchain dies with mail on its way to it.
    recipe.server.run("postconf", "-e", f"content_filter=unchain:[127.0.0.1]:{recipe.unchain.smtp}")
    recipe.server.run("postfix", "reload")
    assert recipe.unchain.stop() == 0
    recipe.send_until(lambda: "(connect to 127.0.0.1" in recipe.server.log)
    recipe.follow("take out the two lines")
    recipe.follow("what Postfix has queued past it")
    recipe.await_all()

    recipe.follow("take out the rest")
    assert "unchain" not in recipe.server.run("postconf", "-M")
    recipe.send(1)
    recipe.await_all()
