"""docs/deploy/exchange.md and google-workspace.md, Unchain's side: reports and copies from Postfix."""

from collections.abc import Iterator

import pytest

from store import mails
from store.tables import RAW_MAILS
from tests.deploy.letters import LETTERS, below_trace
from tests.deploy.page import Page
from tests.deploy.setting import Unchain, in_order, in_the_end, send
from tests.servers.postfix import Postfix, postfix
from unchain.config import parse

ENVELOPE = (
    b"Sender: ann@example.com\r\nSubject: plans\r\nMessage-Id: <%s@example.com>\r\n"
    b"To: bob@example.com, Expanded: team@example.com\r\nTo: cleo@example.com, Expanded: team@example.com\r\n"
    b"Bcc: dev@example.com\r\n"
)


def report(name: bytes, letter: bytes) -> bytes:
    """A journal report as Exchange builds it: the envelope told in text, then the mail itself."""
    return (
        b"From: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>\r\n"
        b"To: <journal@unchain.example.com>\r\nDate: Mon, 2 Mar 2026 08:00:05 +0000\r\n"
        b"Message-ID: <report-" + name + b"@journal.report.generator>\r\nSubject: plans\r\n"
        b'MIME-Version: 1.0\r\nX-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary="out_1"\r\n'
        b"\r\n"
        b'--out_1\r\nContent-Type: text/plain; charset="utf-8"\r\n\r\n'
        + ENVELOPE.replace(b"%s", name)
        + b"\r\n--out_1\r\nContent-Type: message/rfc822\r\n\r\n"
        + letter
        + b"\r\n--out_1--\r\n"
    )


class Recipe:
    """Unchain with the page's lines, and a Postfix in front that hands it what is for its domain."""

    def __init__(self, unchain: Unchain, front: Postfix) -> None:
        self.unchain, self.front = unchain, front

    def kept(self, message_id: str) -> list[tuple[bytes, tuple[str, ...], str]]:
        """Bytes, recipients and source of what was stored with a Message-ID."""
        database = self.unchain.database()
        with database.read() as session:
            numbers = session.execute(RAW_MAILS.select().with_only_columns(RAW_MAILS.c.id)).scalars().all()
            found = [raw for number in numbers if (raw := mails.load(session, number)) is not None]
        database.close()
        wanted = message_id.encode()
        return [(raw.content, raw.rcpt_to, raw.source) for raw in found if wanted in raw.content]


@pytest.fixture(scope="module")
def recipe(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recipe]:
    page = Page("exchange.md")
    unchain = Unchain(tmp_path_factory.mktemp("unchain"))
    page.fill_in(
        {
            **{example: example for example in page.examples},
            "0.0.0.0:8025": f"127.0.0.1:{unchain.smtp}",
            "192.0.2.10/32": "127.0.0.1/32",
        }
    )
    assert "-JournalEmailAddress journal@unchain.example.com" in page.block("PowerShell")
    unchain.configure(page.block("config.toml"))
    unchain.start()
    main = {
        "relay_domains": "unchain.example.com",
        "relay_transport": f"smtp:[127.0.0.1]:{unchain.smtp}",
        "smtp_line_length_limit": "0",
        "local_header_rewrite_clients": "",
    }
    with postfix(main) as front:
        yield Recipe(unchain, front)
        in_order(unchain, front)
    unchain.close()
    assert page.unused == set()


@pytest.mark.parametrize("name", ["plain", "eight bits", "dots", "300 kB", "a line of 5,000 bytes"])
def test_a_report_gives_the_mail_within_and_everybody_who_got_it(recipe: Recipe, name: str) -> None:
    letter = LETTERS[name]
    (message_id,) = [line for line in letter.split(b"\r\n") if line.startswith(b"Message-ID")]
    send(
        recipe.front.port,
        report(name.replace(" ", "-").encode(), letter),
        "",
        "journal@unchain.example.com",
    )
    wanted = message_id.decode()
    in_the_end(lambda: len(recipe.kept(wanted)) == 1, "the report", lambda: recipe.front.log)
    ((content, recipients, source),) = recipe.kept(wanted)
    assert content == letter
    assert recipients == ("bob@example.com", "cleo@example.com", "dev@example.com")
    assert source == "journal"


def test_a_plain_copy_names_nobody_but_its_header(recipe: Recipe) -> None:
    letter = LETTERS["plain"].replace(b"<plain@", b"<copy@")
    send(recipe.front.port, letter, "ann@example.com", "journal@unchain.example.com")
    in_the_end(lambda: len(recipe.kept("<copy@")) == 1, "the copy", lambda: recipe.front.log)
    ((content, recipients, source),) = recipe.kept("<copy@")
    assert (below_trace(content), recipients, source) == (below_trace(letter), (), "journal")


@pytest.mark.parametrize("name", ["exchange.md", "google-workspace.md"])
def test_the_pages_config_is_right_and_says_what_is_not_proven(name: str) -> None:
    page = Page(name)
    assert "**not proven live here**" in page.text
    lines = (
        '[organisation]\nname = "Example"\ndomains = ["example.com"]\nurl = "https://commons.example.com"\n'
    )
    config = parse(lines + page.block("config.toml"), page.path)
    assert config.ingest.smtp.mode.value == "journal"
