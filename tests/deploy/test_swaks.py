"""swaks against our listeners: encryption, passwords, networks, proxies, sizes, LMTP."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.setting import Unchain, in_the_end
from tests.servers.processes import free_port
from tests.servers.swaks import swaks
from tests.unchain.installation import answers

TLS = Path(__file__).parent.parent / "tls"
WHO = "--from ann@example.com --to bob@example.com --helo client.example.com"
_SECTION = """
[ingest.smtp]
listen = "127.0.0.1:{port}"
hostname = "unchain.example.com"
next_hop = "127.0.0.1:{hop}"
{more}
"""
_CERTIFICATE = f'certificate = "{TLS}/localhost.crt"\nkey = "{TLS}/localhost.key"\n'
_USER = '[[ingest.smtp.users]]\nname = "scanner"\npassword = { env = "SCANNER_PASSWORD" }\n'
_ELSEWHERE = 'allowed_networks = ["10.0.0.0/8"]\n'
LINES = {
    "starttls": f"max_size = 100000\n[ingest.smtp.tls]\n{_CERTIFICATE}{_USER}",
    "implicit": f'{_ELSEWHERE}[ingest.smtp.tls]\nmode = "implicit"\n{_CERTIFICATE}{_USER}',
    "proxy": f'{_ELSEWHERE}trusted_proxies = ["127.0.0.1/32"]\n',
    "xclient": f'{_ELSEWHERE}xclient_from = ["127.0.0.1/32"]\n',
}


class Edges:
    """An edge for each set of lines, all running, and a sink behind each."""

    def __init__(self, folder: pytest.TempPathFactory) -> None:
        self.lmtp = free_port()
        self.all = {name: Unchain(folder.mktemp(name)) for name in LINES}

    def start(self) -> None:
        for name, unchain in self.all.items():
            lmtp = f'[ingest.lmtp]\nlisten = "127.0.0.1:{self.lmtp}"\n' if name == "starttls" else ""
            section = _SECTION.format(port=unchain.smtp, hop=unchain.hop, more=LINES[name])
            unchain.configure(section + lmtp)
            unchain.sink.start()
            command = ("serve", "--role", "edge", "--config", str(unchain.config))
            unchain.begin(sys.executable, "-m", "unchain", *command)
        for unchain in self.all.values():
            in_the_end(lambda each=unchain: answers(each.smtp), "a listener", lambda each=unchain: each.log)  # type: ignore[misc]

    def try_out(self, name: str, arguments: str) -> tuple[int, str]:
        return swaks(f"--server 127.0.0.1:{self.all[name].smtp} {WHO} {arguments}")

    def handed_on(self, name: str, words: str) -> bool:
        return any(words.encode() in mail.content for mail in self.all[name].sunk())

    def await_mail(self, name: str, words: str) -> None:
        in_the_end(lambda: self.handed_on(name, words), f"the mail “{words}”", lambda: self.all[name].log)


@pytest.fixture(scope="module")
def edges(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edges]:
    with pytest.MonkeyPatch.context() as environment, contextlib.ExitStack() as stack:
        environment.setenv("SCANNER_PASSWORD", "right-horse")
        running = Edges(tmp_path_factory)
        for unchain in running.all.values():
            stack.callback(unchain.close)
        running.start()
        yield running
        for unchain in running.all.values():
            in_the_end(lambda each=unchain: each.balance().queued == 0, "nothing queued")  # type: ignore[misc]
            assert unchain.balance().holds


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("starttls", "--body plain-and-clear"),
        (
            "starttls",
            "--body by-starttls --tls --tls-verify --tls-ca-path {ca}",
        ),
        ("starttls", "--body auth-plain --tls --auth PLAIN --auth-user scanner --auth-password right-horse"),
        ("starttls", "--body auth-login --tls --auth LOGIN --auth-user scanner --auth-password right-horse"),
        ("implicit", "--body implicit --tlsc --auth PLAIN --auth-user scanner --auth-password right-horse"),
        ("starttls", "--body pipelined --pipeline"),
        (
            "proxy",
            "--body by-proxy --proxy-version 1 --proxy-family TCP4 --proxy-source 10.1.2.3"
            " --proxy-source-port 4711 --proxy-dest 10.0.0.1 --proxy-dest-port 25",
        ),
        ("xclient", "--body by-xclient --xclient-addr 10.1.2.3 --xclient-name client.example.com"),
    ],
    ids=lambda value: value.split()[1] if value.startswith("--") else value,
)
def test_what_is_allowed_is_taken_and_handed_on(edges: Edges, name: str, arguments: str) -> None:
    code, said = edges.try_out(name, arguments.format(ca=f"{TLS}/localhost.crt"))
    assert code == 0, said
    assert "250 2.0.0 Stored" in said
    edges.await_mail(name, arguments.split()[1])


@pytest.mark.parametrize(
    ("name", "arguments", "reply"),
    [
        ("starttls", "--tls --auth PLAIN --auth-user scanner --auth-password wrong", "535 5.7.8"),
        ("starttls", "--tls --auth LOGIN --auth-user scanner --auth-password wrong", "535 5.7.8"),
        ("starttls", "--tls --auth PLAIN --auth-user nobody --auth-password right-horse", "535 5.7.8"),
        ("implicit", "--tlsc", "530 5.7.0"),
        (
            "proxy",
            "--proxy-version 1 --proxy-family TCP4 --proxy-source 192.0.2.7"
            " --proxy-source-port 4711 --proxy-dest 10.0.0.1 --proxy-dest-port 25",
            "554 5.7.1",
        ),
        ("xclient", "--xclient-addr 192.0.2.7", "554 5.7.1"),
    ],
    ids=[
        "wrong PLAIN",
        "wrong LOGIN",
        "unknown user",
        "no password",
        "proxy for a stranger",
        "xclient stranger",
    ],
)
def test_what_is_not_allowed_is_refused_with_its_code(
    edges: Edges, name: str, arguments: str, reply: str
) -> None:
    code, said = edges.try_out(name, f"{arguments} --body never-taken")
    assert code != 0
    assert reply in said
    assert not edges.handed_on(name, "never-taken")


def test_no_password_is_asked_for_in_clear(edges: Edges) -> None:
    code, said = edges.try_out("starttls", "--auth PLAIN --auth-user scanner --auth-password right-horse")
    assert code != 0
    assert "AUTH" not in said.partition("250 ENHANCEDSTATUSCODES")[0].partition("EHLO")[2]


def test_a_mail_that_is_too_large_is_refused(edges: Edges, tmp_path: Path) -> None:
    (tmp_path / "large").write_text("0123456789 too-large\n" * 10_000)
    code, said = edges.try_out("starttls", f"--body @{tmp_path}/large")
    assert code != 0
    assert "552 5.3.4" in said
    assert not edges.handed_on("starttls", "too-large")


def test_lmtp_gives_a_reply_for_each_recipient(edges: Edges) -> None:
    two = "--protocol LMTP --to bob@example.com,cleo@example.com --from ann@example.com --body by-lmtp"
    code, said = swaks(f"--server 127.0.0.1:{edges.lmtp} {two}")
    assert code == 0, said
    assert said.count("250 2.0.0 Stored") == 2
    edges.await_mail("starttls", "by-lmtp")
