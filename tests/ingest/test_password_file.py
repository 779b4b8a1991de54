"""The file of people who may send from outside: hashed, read anew when it changes, wrong lines named."""

import asyncio
import base64
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import ConfigError
from ingest.committer import Committer
from ingest.sources import password_file
from ingest.sources.password_file import (
    HashedPassword,
    PasswordFile,
    hash_password,
    parse_hash,
    parse_passwords,
)
from ingest.sources.smtp import SmtpServer, start_smtp
from tests.ingest.smtp_setup import NOW, MemoryStore, options, reply, serving

TLS_FOLDER = Path(__file__).parent.parent / "tls"
CERTIFICATE = {"certificate": TLS_FOLDER / "localhost.crt", "key": TLS_FOLDER / "localhost.key"}
WRITTEN = Path("people")

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_file, "_COST", 4)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the file so that its state differs from any before."""
    path = tmp_path / "people"
    written: list[str] = []

    def put(text: str) -> Path:
        written.append(text)
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(0, len(written)))
        return path

    return put


def test_a_hash_matches_its_password_only_and_survives_being_written() -> None:
    hashed = hash_password("correct horse é")
    assert hashed != hash_password("correct horse é")  # each has its own salt
    again = parse_hash(str(hashed))
    assert again == hashed
    assert again.matches("correct horse é".encode())
    assert not again.matches(b"correct horse")


def test_the_hash_is_that_of_the_rfc() -> None:
    # RFC 7914 section 12: N=1024, r=8, p=16.
    digest = (
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
    )
    hashed = HashedPassword(cost=10, block=8, lanes=16, salt=b"NaCl", digest=bytes.fromhex(digest))
    assert hashed.matches(b"password")


def test_the_shipped_cost_is_not_that_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert hash_password("x").cost >= 14


def test_comments_empty_lines_and_windows_line_ends_are_no_people() -> None:
    text = f"# our scanners\r\n\r\n  scanner:{hash_password('a')}\r\nzoé:{hash_password('b')}"
    assert list(parse_passwords(text, WRITTEN)) == [b"scanner", "zoé".encode()]


GOOD = "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$" + "A" * 43
WRONG = {
    "no colon": ("scanner", "people:2: is not name:hash"),
    "no name": (f":{GOOD}", "people:2: is not name:hash"),
    "a plain password": ("scanner:secret", "people:2: has no hash behind the name"),
    "another hash": ("scanner:$2b$12$abcdefghijklmnopqrstuv", "people:2: has no hash behind the name"),
    "cut in the middle": (f"scanner:{GOOD[:-25]}", "people:2: has no hash"),
    "cut by one": (f"scanner:{GOOD[:-2]}", "people:2: has a hash that was cut"),
    "twice": (f"scanner:{GOOD}\nscanner:{GOOD}", "people:3: names scanner a second time"),
    "too dear": (f"scanner:{GOOD.replace('ln=4', 'ln=40')}", "people:2: asks for more memory"),
    "no cost": (f"scanner:{GOOD.replace('ln=4', 'ln=0')}", "people:2: asks for more memory"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_line_is_named_by_its_number(name: str) -> None:
    line, sentence = WRONG[name]
    with pytest.raises(ConfigError, match=sentence) as raised:
        parse_passwords(f"# people\n{line}\n", WRITTEN)
    assert "secret" not in str(raised.value)


def test_a_file_that_changed_is_read_anew_and_a_wrong_one_changes_nothing(
    write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    people = PasswordFile(write(f"ann:{hash_password('a')}\n"))
    assert people.matches(b"ann", b"a")
    write(f"ann:{hash_password('new')}\nbob:{hash_password('b')}\n")
    assert [people.matches(b"ann", b"a"), people.matches(b"ann", b"new"), people.matches(b"bob", b"b")] == [
        False,
        True,
        True,
    ]
    path = write("bob\n")
    assert people.matches(b"bob", b"b")
    path.unlink()
    assert people.matches(b"bob", b"b")
    assert people.matches(b"bob", b"b")
    told = [record.message for record in caplog.records]
    assert len(told) == 2
    assert "people:1: is not name:hash" in told[0]
    assert "cannot be read" in told[1]
    write(f"bob:{hash_password('c')}\n")
    assert people.matches(b"bob", b"c")


def test_a_name_that_is_not_there_costs_what_one_that_is_costs(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = PasswordFile(write(f"ann:{hash_password('a')}\n"))
    costs: list[tuple[int, int, int]] = []
    real = password_file._scrypt

    def counted(password: bytes, like: password_file.HashedPassword) -> bytes:
        costs.append((like.cost, like.block, like.lanes))
        return real(password, like)

    monkeypatch.setattr(password_file, "_scrypt", counted)
    assert people.matches(b"ann", b"a")
    assert not people.matches(b"ann", b"b")
    assert not people.matches(b"nobody", b"a")
    assert costs == [(4, 8, 1)] * 3


async def codes(server: SmtpServer, *pairs: tuple[str, str]) -> list[bytes]:
    trusting = ssl.create_default_context(cafile=TLS_FOLDER / "localhost.crt")
    reader, writer = await asyncio.open_connection("localhost", server.port)
    await reply(reader)
    for step in (b"EHLO c\r\n", b"STARTTLS\r\n"):
        writer.write(step)
        await reply(reader)
    await writer.start_tls(trusting, server_hostname="localhost")
    writer.write(b"EHLO c\r\n")
    await reply(reader)
    said: list[bytes] = []
    for name, password in pairs:
        writer.write(b"AUTH PLAIN " + base64.b64encode(f"\0{name}\0{password}".encode()) + b"\r\n")
        said.append((await reply(reader))[:3])
    writer.write(b"MAIL FROM:<ann@example.com>\r\n")
    said.append((await reply(reader))[:3])
    writer.close()
    return said


async def test_the_people_of_the_file_and_those_of_the_config_may_sign_in(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCANNER_PASSWORD", "from config")
    changed: dict[str, Any] = {
        "listen": "localhost:0",
        "tls": CERTIFICATE,
        "allowed_networks": ["10.0.0.0/8"],
        "users": [{"name": "scanner", "password": {"env": "SCANNER_PASSWORD"}}],
        "password_file": write(f"ann:{hash_password('from file')}\nscanner:{hash_password('other')}\n"),
    }
    async with serving(MemoryStore(), **changed) as server:
        filed = await codes(server, ("ann", "wrong"), ("nobody", "from file"), ("ann", "from file"))
        told = await codes(server, ("scanner", "other"), ("scanner", "from config"))
        outside = await codes(server)
        write(f"eve:{hash_password('new')}\n")
        later = await codes(server, ("ann", "from file"), ("eve", "new"))
    assert filed == [b"535", b"535", b"235", b"250"]
    assert told == [b"535", b"235", b"250"]
    assert outside == [b"530"]
    assert later == [b"535", b"235", b"250"]


async def test_a_missing_or_wrong_file_is_one_sentence_at_start(tmp_path: Path, write: Write) -> None:
    for path, sentence in (
        (tmp_path / "nowhere", "nowhere: cannot be read: No such"),
        (write("x"), ":1: is"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            await start_smtp(
                options(tls=CERTIFICATE, password_file=path),
                Committer(MemoryStore().commit),
                clock=lambda: NOW,
            )


def test_a_password_file_needs_tls() -> None:
    with pytest.raises(ValidationError, match="only taken over TLS"):
        options(password_file="people")
