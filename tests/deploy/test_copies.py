"""docs/deploy/copies.md: Postfix delivers, and Unchain gets a copy."""

from collections.abc import Iterator

import pytest

from tests.deploy.letters import LETTERS, below_trace, trace
from tests.deploy.page import Page
from tests.deploy.setting import PEOPLE, Unchain, in_order, in_the_end, redirect_replies, send, send_ten_mails
from tests.servers.postfix import Postfix, maildirs, postfix
from tests.servers.processes import free_port


class Recipe:
    """The page's Unchain with two Postfixes: one copies everything, one only a list's mail."""

    def __init__(self, page: Page, unchain: Unchain, everything: Postfix, some: Postfix) -> None:
        self.page, self.unchain, self.everything, self.some = page, unchain, everything, some

    def delivered(self, user: str, letter: bytes) -> list[bytes]:
        wanted = below_trace(letter)
        return [mail for mail in self.everything.received(user) if below_trace(mail) == wanted]

    def copies(self, letter: bytes) -> list[bytes]:
        wanted = below_trace(letter)
        return [mail for source, mail in self.unchain.kept() if below_trace(mail) == wanted]


@pytest.fixture(scope="module")
def recipe(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recipe]:
    page = Page("copies.md")
    unchain = Unchain(tmp_path_factory.mktemp("unchain"))
    port = free_port()
    page.fill_in(
        {
            "example.com": "example.com",
            "journal@unchain.example.com": "journal@unchain.example.com",
            "unchain.example.com": "unchain.example.com",
            "all@example.com": "all@example.com",
            "[192.0.2.20]:8025": f"[127.0.0.1]:{unchain.smtp}",
            "0.0.0.0:8025": f"127.0.0.1:{unchain.smtp}",
            "192.0.2.10/32": "127.0.0.1/32",
            "mail.example.com:25": f"127.0.0.1:{port}",
        }
    )
    unchain.configure(page.block("config.toml"))
    base = {
        **maildirs(*PEOPLE, "all", "unchain"),
        "local_header_rewrite_clients": "",  # in life, senders are other machines
    }
    transport = {"unchain-transport": page.block("/etc/postfix/unchain-transport")}
    copied = {"unchain-copies": page.block("/etc/postfix/unchain-copies")}
    everything = {**base, **page.settings("a copy of everything", "main.cf")}
    some = {**base, **page.settings("a copy of some", "main.cf")}
    unchain.start()
    with (
        postfix(everything, files=transport, port=port) as first,
        postfix(some, files={**transport, **copied}) as second,
    ):
        yield Recipe(page, unchain, first, second)
        in_order(unchain, first, second)
    unchain.close()
    assert page.unused == set()


@pytest.mark.parametrize("name", LETTERS)
def test_a_mail_is_delivered_by_postfix_and_unchain_keeps_the_same_bytes(recipe: Recipe, name: str) -> None:
    letter = LETTERS[name]
    send(recipe.everything.port, letter, "ann@example.com", "bob@example.com", "cleo@example.com")
    for user in ("bob", "cleo"):
        in_the_end(
            lambda user=user: len(recipe.delivered(user, letter)) == 1,  # type: ignore[misc]
            f"{name} for {user}",
            lambda: recipe.everything.log,
        )
    in_the_end(
        lambda: len(recipe.copies(letter)) == 1,
        "the copy",
        lambda: recipe.everything.log,
        lambda: recipe.unchain.log,
    )


def test_nothing_of_a_copy_goes_on(recipe: Recipe) -> None:
    letter = LETTERS["plain"].replace(b"<plain@", b"<stays@")
    send(recipe.everything.port, letter, "ann@example.com", "dev@example.com")
    in_the_end(lambda: len(recipe.copies(letter)) == 1, "the copy", lambda: recipe.everything.log)
    in_order(recipe.unchain, recipe.everything)
    (mail,) = recipe.delivered("dev", letter)
    assert len(trace(mail)) == 1
    assert recipe.unchain.balance().accepted == 0
    assert {source for source, _ in recipe.unchain.kept()} <= {"journal", "unchain"}


def test_only_the_mail_of_some_addresses_is_copied_and_once(recipe: Recipe) -> None:
    mine = LETTERS["plain"].replace(b"<plain@", b"<mine@")
    of_list = LETTERS["plain"].replace(b"<plain@", b"<list@")
    send(recipe.some.port, mine, "ann@example.com", "bob@example.com")
    send(recipe.some.port, of_list, "ann@example.com", "bob@example.com", "all@example.com")
    in_the_end(lambda: len(recipe.copies(of_list)) == 1, "the copy", lambda: recipe.some.log)
    in_order(recipe.unchain, recipe.some)
    assert len(recipe.copies(of_list)) == 1
    assert recipe.copies(mine) == []
    assert len(recipe.some.received("bob")) == 2


def test_redirect_replies_go_out_by_the_next_hop_and_their_copies_do_no_harm(recipe: Recipe) -> None:
    send_ten_mails(recipe.everything.port)
    in_the_end(
        lambda: sum(redirect_replies(recipe.everything).values()) >= 4,
        "four redirect replies",
        lambda: recipe.unchain.log,
        lambda: recipe.everything.log,
    )
    in_order(recipe.unchain, recipe.everything)
    in_the_end(lambda: recipe.unchain.balance().unprocessed == 0, "all read", lambda: recipe.unchain.log)
    assert redirect_replies(recipe.everything) == dict.fromkeys(("ana", "bob", "cleo", "dev"), 1)
    assert recipe.unchain.balance().set_aside == 0


def test_an_answer_to_unchain_reaches_it(recipe: Recipe) -> None:
    letter = LETTERS["plain"].replace(b"<plain@", b"<stop@").replace(b"team@", b"unchain@")
    letter = letter.replace(b"Hello.", b"STOP")
    send(recipe.everything.port, letter, "ann@example.com", "unchain@example.com")
    in_the_end(
        lambda: recipe.unchain.has_opted_out("ann@example.com"),
        "the answer obeyed",
        lambda: recipe.everything.log,
        lambda: recipe.unchain.log,
    )
