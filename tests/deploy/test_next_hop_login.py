"""docs/mail.md: signing in at a real next hop, a Postfix that asks a Dovecot who may send."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.letters import LETTERS, below_trace
from tests.deploy.setting import PEOPLE, Unchain, in_the_end, send
from tests.ingest.test_oauth2 import Provider, serving
from tests.servers import dovecot as dovecots
from tests.servers.dovecot import PASSWORD, TLS_FOLDER, dovecot
from tests.servers.postfix import Postfix, maildirs, postfix
from tests.servers.processes import free_port

USER = "ann@example.com"  # the one whose tokens the provider gives
CERTIFICATE, KEY = TLS_FOLDER / "localhost.crt", TLS_FOLDER / "localhost.key"


@dataclass
class Office:
    """A next hop that takes mail only from who has signed in."""

    server: Postfix
    wrapped: int  # its port with TLS from the first byte
    provider: Provider
    unchain: Unchain


def asking(folder: Path, provider: Provider) -> str:
    """Lines for Dovecot, by which Postfix asks it about passwords and tokens."""
    (folder / "oauth2.conf").write_text(
        f"introspection_url = {provider.url}introspect\nintrospection_mode = post\n"
        "force_introspection = yes\nusername_attribute = username\n"
        "active_attribute = active\nactive_value = true\n"
    )
    return f"""
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
service auth {{
  unix_listener {folder}/asked {{
    mode = 0666
  }}
}}
"""


def guarded(folder: Path) -> dict[str, str]:
    return {
        **maildirs(*PEOPLE),
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_sasl_type": "dovecot",
        "smtpd_sasl_path": f"{folder}/asked",
        "smtpd_tls_cert_file": str(CERTIFICATE),
        "smtpd_tls_key_file": str(KEY),
        "smtpd_tls_security_level": "may",
        "smtpd_tls_auth_only": "yes",
        "smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
        "smtpd_recipient_restrictions": "permit_sasl_authenticated, reject",
    }


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that the servers' users may enter."""
    with tempfile.TemporaryDirectory(prefix="asked-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def next_hop(servers: None, place: Path) -> Iterator[tuple[Postfix, int, Provider]]:
    reason = dovecots.missing()
    if reason:
        pytest.skip(reason)
    wrapped = free_port()
    implicit = f"127.0.0.1:{wrapped} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n"
    with (
        serving(Provider()) as provider,
        dovecot(lines=asking(place, provider)),
        postfix(guarded(place), services=implicit) as server,
    ):
        yield server, wrapped, provider


@pytest.fixture
def office(next_hop: tuple[Postfix, int, Provider], tmp_path: Path) -> Iterator[Office]:
    server, wrapped, provider = next_hop
    unchain = Unchain(tmp_path)
    (tmp_path / "password").write_text(PASSWORD)
    yield Office(server, wrapped, provider, unchain)
    unchain.close()


def configure(office: Office, tls: str, proof: str) -> None:
    port = office.wrapped if tls == "implicit" else office.server.port
    office.unchain.configure(
        f"""
[ingest.smtp]
listen = "127.0.0.1:{office.unchain.smtp}"
next_hop = "localhost:{port}"
next_hop_tls = "{tls}"
next_hop_authority = "{CERTIFICATE}"
next_hop_user = "{USER}"
{proof}
"""
    )


def token(office: Office, mechanism: str) -> str:
    return f"""
[ingest.smtp.next_hop_oauth2]
token_url = "{office.provider.url}token"
client_id = "unchain"
client_secret = {{ file = "{office.unchain.folder}/password" }}
mechanism = "{mechanism}"
"""


def by_password(office: Office) -> str:
    return f'next_hop_password = {{ file = "{office.unchain.folder}/password" }}'


def arrives(office: Office, name: str) -> None:
    letter = LETTERS["plain"].replace(b"<plain@", b"<%s@" % name.encode())
    send(office.unchain.smtp, letter, "ann@example.com", "bob@example.com")
    await_mail(office, letter)


def await_mail(office: Office, letter: bytes) -> None:
    wanted = below_trace(letter)
    in_the_end(
        lambda: [below_trace(mail) for mail in office.server.received("bob")].count(wanted) == 1,
        "the mail",
        lambda: office.unchain.log,
        lambda: office.server.log,
    )


@pytest.mark.parametrize("tls", ["required", "implicit"])
def test_a_mail_goes_by_password(office: Office, tls: str) -> None:
    configure(office, tls, by_password(office))
    office.unchain.start()
    arrives(office, f"password-{tls}")
    assert "sasl_method=PLAIN, sasl_username=ann@example.com" in office.server.log
    checked = office.unchain.run("check")
    assert f"signed in as {USER}" in checked.stdout, checked.stderr


@pytest.mark.parametrize(("tls", "mechanism"), [("required", "xoauth2"), ("implicit", "oauthbearer")])
def test_a_mail_goes_by_token(office: Office, tls: str, mechanism: str) -> None:
    configure(office, tls, token(office, mechanism))
    office.unchain.start()
    arrives(office, mechanism)
    assert f"sasl_method={mechanism.upper()}, sasl_username=ann@example.com" in office.server.log
