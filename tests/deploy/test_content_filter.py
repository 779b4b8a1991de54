"""docs/deploy/content-filter.md: Postfix in front and behind, Unchain between by content_filter."""

from collections.abc import Iterator
from smtplib import SMTP, SMTPRecipientsRefused

import pytest

from tests.deploy.letters import LETTERS, below_trace, trace
from tests.deploy.page import Page
from tests.deploy.setting import (
    PEOPLE,
    Unchain,
    in_order,
    in_the_end,
    redirect_replies,
    run,
    send,
    send_ten_mails,
)
from tests.servers.postfix import Postfix, maildirs, postfix
from tests.servers.processes import free_port


class Recipe:
    """The page's Postfix and Unchain, running."""

    def __init__(self, page: Page, unchain: Unchain, server: Postfix, outside: int) -> None:
        self.page, self.unchain, self.server = page, unchain, server
        self.outside = outside  # a port of the same Postfix whose clients count as other machines


@pytest.fixture(scope="module")
def recipe(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recipe]:
    page = Page("content-filter.md")
    unchain = Unchain(tmp_path_factory.mktemp("unchain"))
    front, back, outside = free_port(), free_port(), free_port()
    page.fill_in({"8025": str(unchain.smtp), "10026": str(back), "127.0.0.1:25": f"127.0.0.1:{front}"})
    unchain.configure(page.block("config.toml"))
    main = {
        **maildirs(*PEOPLE),
        "virtual_alias_maps": "inline:{all@example.com=bob@example.com}",
        **page.settings("main.cf"),
    }
    strangers = f"127.0.0.1:{outside} inet n - n - - smtpd -o local_header_rewrite_clients=\n"
    unchain.start()
    with postfix(main, services=strangers + page.block("master.cf"), port=front) as server:
        yield Recipe(page, unchain, server, outside)
        in_order(unchain, server)
    unchain.close()
    assert page.unused == set()


def arrived(recipe: Recipe, user: str, letter: bytes) -> list[bytes]:
    wanted = below_trace(letter)
    return [mail for mail in recipe.server.received(user) if below_trace(mail) == wanted]


@pytest.mark.parametrize("name", LETTERS)
def test_a_mail_arrives_as_it_was_sent_below_its_trace(recipe: Recipe, name: str) -> None:
    send(recipe.outside, LETTERS[name], "ann@example.com", "bob@example.com", "cleo@example.com")
    for user in ("bob", "cleo"):
        in_the_end(
            lambda user=user: len(arrived(recipe, user, LETTERS[name])) == 1,  # type: ignore[misc]
            f"{name} for {user}",
            lambda: str(recipe.server.received("bob"))[-500:],
            lambda: recipe.server.log,
        )


def test_the_command_of_the_page_sends_a_mail_that_passes_unchain_once(recipe: Recipe) -> None:
    (command,) = recipe.page.commands("Send a mail")
    sent = run(command)
    assert sent.returncode == 0, sent.stdout

    def came() -> list[bytes]:
        return [mail for mail in recipe.server.received("bob") if b"A first mail" in mail]

    in_the_end(lambda: len(came()) == 1, "the mail", lambda: recipe.server.log)
    hops = trace(came()[0])
    assert ["by unchain.example.com" in hop for hop in hops] == [False, True, False]
    assert ["by mail.example (Postfix)" in hop for hop in hops] == [True, False, True]


def test_unchain_sees_the_list_and_postfix_expands_it_behind(recipe: Recipe) -> None:
    letter = LETTERS["plain"].replace(b"<plain@", b"<list@").replace(b"team@", b"all@")
    send(recipe.outside, letter, "ann@example.com", "all@example.com")
    in_the_end(lambda: len(arrived(recipe, "bob", letter)) == 1, "the mail", lambda: recipe.server.log)
    assert "to=<all@example.com>, relay=127.0.0.1" in recipe.server.log


def test_an_unknown_recipient_is_refused_at_the_door(recipe: Recipe) -> None:
    with SMTP("127.0.0.1", recipe.outside) as client, pytest.raises(SMTPRecipientsRefused) as refused:
        client.sendmail("ann@example.com", "nobody@example.com", LETTERS["plain"])
    assert refused.value.recipients["nobody@example.com"][0] == 550


def test_redirect_replies_reach_each_person_once_and_do_not_go_round(recipe: Recipe) -> None:
    send_ten_mails(recipe.outside)
    in_the_end(
        lambda: sum(redirect_replies(recipe.server).values()) >= 4,
        "four redirect replies",
        lambda: recipe.unchain.log,
        lambda: recipe.server.log,
    )
    in_order(recipe.unchain, recipe.server)
    assert redirect_replies(recipe.server) == dict.fromkeys(("ana", "bob", "cleo", "dev"), 1)


def test_while_unchain_is_down_postfix_keeps_the_mail(recipe: Recipe) -> None:
    letter = LETTERS["plain"].replace(b"<plain@", b"<down@")
    assert recipe.unchain.stop() == 0
    send(recipe.outside, letter, "ann@example.com", "bob@example.com")
    in_the_end(lambda: "status=deferred" in recipe.server.log, "deferred", lambda: recipe.server.log)
    recipe.unchain.start()
    recipe.server.run("postqueue", "-f")
    in_the_end(lambda: len(arrived(recipe, "bob", letter)) == 1, "the mail", lambda: recipe.server.log)
