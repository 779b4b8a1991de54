"""Mails of ours are signed when they are handed over; those of others are never touched."""

import subprocess
from pathlib import Path

import dkim  # type: ignore[import-untyped]
import pytest

from connectors.dkim_options import DkimOptions
from connectors.dkim_signing import DkimSigner
from connectors.dsn import Reporter
from connectors.outbound_mail import NextHop
from domain.endpoint import Endpoint
from store.database import Database
from tests.unchain.terminal import Run
from tests.unchain.test_cli import assert_one_sentence
from tests.unchain.test_courier import KEEP_TRYING, Depot, depot, running, until
from tests.unchain.workshop import ANA, BOB
from unchain.courier import Courier

__all__ = ["depot"]  # a fixture


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "dkim.pem"
    made = ("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path)
    subprocess.run(made, check=True, capture_output=True)
    return path


@pytest.fixture
async def signing(depot: Depot, database: Database, key: Path) -> tuple[Courier, DkimSigner]:
    signer = DkimSigner(DkimOptions(domain="acme.example", selector="u1", key=key))
    return (
        Courier(
            database=database,
            next_hop=NextHop([Endpoint(host="127.0.0.1", port=depot.port)], hostname="relay.acme.example"),
            reporter=Reporter(hostname="relay.acme.example", address="unchain@acme.example"),
            first_retry=KEEP_TRYING,
            keep_trying=KEEP_TRYING,
            owner="edge",
            clock=depot.clock,
            sign=signer.sign,
        ),
        signer,
    )


async def test_ours_is_signed_and_others_go_as_they_came(
    depot: Depot, signing: tuple[Courier, DkimSigner]
) -> None:
    courier, signer = signing
    depot.accept(BOB, source="smtp")
    depot.accept(ANA, source="unchain", sender="")
    async with running(courier):
        await until(lambda: len(depot.sink.mails()) == 2, "both arrive")
    sent = {bool(sunk.envelope_from): sunk.content for sunk in depot.sink.mails()}
    assert b"DKIM-Signature" not in sent[True]
    assert sent[False].startswith(b"Received: ")
    assert dkim.verify(sent[False], dnsfunc=lambda name, timeout=5: signer.record.encode())


def section(key: Path, domain: str) -> str:
    return f'[outbound.dkim]\ndomain = "{domain}"\nselector = "u1"\nkey = "{key}"\n'


def test_check_tries_the_key_and_prints_the_record(unchain: Run, config: Path, key: Path) -> None:
    config.write_text(config.read_text() + section(key, "acme.example"))
    ended = unchain("check", "--offline")
    record = DkimSigner(DkimOptions(domain="acme.example", selector="u1", key=key)).zone_line()
    assert (ended.code, ended.err) == (0, "")
    assert record in ended.out
    assert record.startswith('u1._domainkey.acme.example. IN TXT ( "v=DKIM1; k=rsa; p=')


def test_check_warns_of_a_signature_that_would_not_count(unchain: Run, config: Path, key: Path) -> None:
    config.write_text(config.read_text() + section(key, "elsewhere.example"))
    ended = unchain("check", "--offline")
    assert ended.code == 0
    assert "elsewhere.example is not the domain of unchain@acme.example" in ended.err


@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_key_that_is_missing_is_told_at_once(unchain: Run, config: Path, command: str) -> None:
    config.write_text(config.read_text() + section(config.with_name("none.pem"), "acme.example"))
    arguments = ("--offline",) if command == "check" else ("--role", "edge")
    ended = unchain(command, *arguments)
    assert ended.code == 2
    assert "none.pem cannot be read" in ended.err
    assert_one_sentence(unchain("serve", "--role", "edge"), 2, "none.pem cannot be read")
