"""Our own mails carry a signature that verifiers accept, also below our Received line."""

import subprocess
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import dkim  # type: ignore[import-untyped]
import pytest
from pydantic import ValidationError

from connectors.dkim_options import DkimOptions
from connectors.dkim_signing import DkimSigner
from connectors.outbound_mail import trace_header
from connectors.smtp_connection import for_transfer
from domain.errors import ConfigError

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MAIL = (
    b"From: Acme (Unchain) <unchain@acme.example>\nTo: ann@acme.example\nSubject: =?utf-8?q?D=C3=A9j=C3=A0?="
    b"\n"
    b"Date: Fri, 20 Nov 2026 09:00:00 +0000\nMessage-ID: <1@acme.example>\nIn-Reply-To: <0@acme.example>\n"
    b"References: <0@acme.example>\nAuto-Submitted: auto-replied\nX-Auto-Response-Suppress: OOF\n"
    b"List-Unsubscribe: <https://commons.acme.example/stop>\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\nMIME-Version: 1.0\n"
    b"Content-Type: text/plain; charset=utf-8\n\nThe talk is now a page.\n.\n-- \nAcme  \n\n"
)
MADE = {
    "rsa-sha256": ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    "ed25519-sha256": ("genpkey", "-algorithm", "ed25519"),
}


def make(path: Path, *arguments: str) -> Path:
    subprocess.run(["openssl", *arguments, "-out", path], check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: make(folder / f"{name}.pem", *arguments) for name, arguments in MADE.items()}


def options(key: Path, algorithm: str = "rsa-sha256") -> DkimOptions:
    return DkimOptions.model_validate(
        {"domain": "acme.example", "selector": "u1", "key": str(key), "algorithm": algorithm}
    )


def accepted(mail: bytes, signer: DkimSigner) -> bool:
    asked: list[bytes] = []

    def txt(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return signer.record.encode()

    result = bool(dkim.verify(mail, dnsfunc=txt))
    assert asked == [b"u1._domainkey.acme.example."]
    return result


def on_the_wire(signed: bytes) -> bytes:
    trace = trace_header(peer="", by="relay.acme.example", protocol="ESMTP", trace_id="7", at=NOW)
    return for_transfer(trace + signed).removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")


@pytest.mark.parametrize("algorithm", MADE)
def test_a_signature_is_accepted_below_our_received_line(algorithm: str, keys: dict[str, Path]) -> None:
    signer = DkimSigner(options(keys[algorithm], algorithm))
    sent = on_the_wire(signer.sign(MAIL))
    assert sent.startswith(b"Received: ")
    assert f"a={algorithm};".encode() in sent
    assert accepted(sent, signer)


@pytest.mark.parametrize(
    "change",
    [
        (b"Subject: ", b"Subject: Win "),
        (b"a page", b"another page"),
        (b"From: Acme", b"From: Eve <eve@evil.example>\r\nFrom: Acme"),
        (b"To: ann", b"Cc: eve@evil.example\r\nTo: ann"),
        (b"To: ann", b"Reply-To: eve@evil.example\r\nTo: ann"),
        (b"<https://commons", b"<https://evil"),
        (b"One-Click", b"Two-Click"),
        (b"text/plain", b"text/html"),
        (b"auto-replied", b"no"),
    ],
    ids=lambda change: change[1].decode(),
)
def test_whoever_changes_or_adds_something_breaks_it(
    change: tuple[bytes, bytes], keys: dict[str, Path]
) -> None:
    signer = DkimSigner(options(keys["rsa-sha256"]))
    sent = on_the_wire(signer.sign(MAIL))
    assert change[0] in sent
    assert not accepted(sent.replace(change[0], change[1], 1), signer)


def test_only_the_signature_is_added(keys: dict[str, Path]) -> None:
    signed = DkimSigner(options(keys["rsa-sha256"])).sign(MAIL)
    assert signed.endswith(MAIL.replace(b"\n", b"\r\n"))
    fields = message_from_bytes(signed)
    assert fields.keys()[0] == "DKIM-Signature"
    assert max(map(len, signed.splitlines())) < 200


def test_a_key_of_older_openssl_and_a_bare_one_are_read(keys: dict[str, Path], tmp_path: Path) -> None:
    traditional = make(tmp_path / "pkcs1.pem", "rsa", "-traditional", "-in", str(keys["rsa-sha256"]))
    assert b"BEGIN RSA PRIVATE KEY" in traditional.read_bytes()
    assert DkimSigner(options(traditional)).record == DkimSigner(options(keys["rsa-sha256"])).record
    bare = tmp_path / "bare"
    bare.write_bytes(b"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n")  # RFC 8463 appendix A.2
    record = DkimSigner(options(bare, "ed25519-sha256")).record
    assert record == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def test_the_public_half_is_the_one_that_openssl_gives(keys: dict[str, Path], tmp_path: Path) -> None:
    public = make(tmp_path / "public.pem", "pkey", "-pubout", "-in", str(keys["rsa-sha256"]))
    written = "".join(public.read_text().splitlines()[1:-1])
    signer = DkimSigner(options(keys["rsa-sha256"]))
    assert signer.record == f"v=DKIM1; k=rsa; p={written}"
    strings = signer.zone_line().partition("( ")[2].removesuffix(" )").split('" "')
    assert "".join(strings).strip('"') == signer.record
    assert all(len(each.strip('"')) <= 255 for each in strings)


def test_a_mail_that_cannot_be_signed_goes_all_the_same(
    keys: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    broken = b"no header at all\r\n\r\nbody\r\n"
    assert DkimSigner(options(keys["rsa-sha256"])).sign(broken) == broken
    assert "without a signature" in caplog.text


def test_a_bad_key_is_told_in_a_sentence(keys: dict[str, Path], tmp_path: Path) -> None:
    small = make(tmp_path / "small.pem", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:768")
    locked = make(
        tmp_path / "locked.pem", "pkey", "-aes128", "-passout", "pass:x", "-in", str(keys["rsa-sha256"])
    )
    public = make(tmp_path / "public.pem", "pkey", "-pubout", "-in", str(keys["rsa-sha256"]))
    noise = tmp_path / "noise"
    noise.write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    letters = keys["rsa-sha256"].read_text().splitlines()
    letters[-4] = letters[-4][::-1]
    damaged = tmp_path / "damaged.pem"
    damaged.write_text("\n".join(letters) + "\n")
    for key, algorithm, sentence in [
        (tmp_path / "missing", "rsa-sha256", "cannot be read: No such file"),
        (small, "rsa-sha256", "768 bits; make one with 2048"),
        (locked, "rsa-sha256", "protected by a passphrase"),
        (public, "rsa-sha256", "it is the public key"),
        (noise, "rsa-sha256", "holds no private key for rsa-sha256"),
        (damaged, "rsa-sha256", "cannot be used"),
        (keys["ed25519-sha256"], "rsa-sha256", "holds no private key for rsa-sha256"),
        (keys["rsa-sha256"], "ed25519-sha256", "holds no Ed25519 key"),
        (noise, "ed25519-sha256", "holds no Ed25519 key"),
    ]:
        with pytest.raises(ConfigError, match=sentence) as caught:
            DkimSigner(options(key, algorithm))
        assert str(key) in str(caught.value)


def test_names_must_fit_into_the_dns() -> None:
    with pytest.raises(ValidationError, match="not a name in the DNS"):
        DkimOptions(domain="acme example", selector="u1", key=Path("k"))


def test_it_covers_its_domain_and_those_below() -> None:
    section = options(Path("k"))
    assert section.covers("unchain@ACME.example")
    assert section.covers("unchain@wiki.acme.example")
    assert not section.covers("unchain@notacme.example")
