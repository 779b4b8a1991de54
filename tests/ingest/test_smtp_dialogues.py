"""Random dialogues against a model of RFC 5321: one right reply to each command, 250 only to what is stored.

The model knows what each command must be answered in the state it comes in. A dialogue of many commands,
valid and not, goes out at once, cut at random places; what comes back and what is stored must be as it says.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.sources.smtp_loop import UNKNOWN_LIMIT
from tests.ingest.smtp_setup import MemoryStore, reply, serving, until

TLS_FOLDER = Path(__file__).parent.parent / "tls"
CERTIFICATE = {"certificate": TLS_FOLDER / "localhost.crt", "key": TLS_FOLDER / "localhost.key"}
MAX_SIZE = 2000
REPLY = re.compile(rb"(?:(\d{3})-[^\r\n]*\r\n(?:\1-[^\r\n]*\r\n)*\1|(\d{3})) [^\r\n]*\r\n")
ENHANCED = re.compile(rb"([245])\d\d[ -]\1\.\d{1,3}\.\d{1,3} ")


@dataclass
class Model:
    """A session as RFC 5321 sees it (4.1.4, 4.3.2): what is said next decides what is answered."""

    outside: bool  # not in the allowed networks, not signed in
    greeted: bytes = b""
    sender: bytes | None = None
    recipients: list[bytes] = field(default_factory=list)
    unknown: int = 0
    ended: bool = False
    stored: list[tuple[bytes, tuple[bytes, ...], bytes]] = field(default_factory=list)

    def reset(self) -> None:
        self.sender, self.recipients = None, []

    def greet(self, line: bytes) -> set[int]:
        verb, _, name = line.strip().partition(b" ")
        if not name:
            return {501}
        self.greeted = verb.upper()
        self.reset()
        return {250}

    def locked(self) -> set[int] | None:
        """The reply to a command of a mail from who may not send one."""
        if not self.greeted:
            return {503}
        return {530} if self.outside else None

    def mail(self, line: bytes) -> set[int]:
        if self.locked():
            return self.locked() or set()
        if self.sender is not None or (self.greeted == b"HELO" and b"=" in line):
            return {503, 501}
        self.sender = line[line.index(b"<") + 1 : line.index(b">")]
        return {250}

    def recipient(self, line: bytes) -> set[int]:
        if self.locked():
            return self.locked() or set()
        if self.sender is None:
            return {503}
        self.recipients.append(line[line.index(b"<") + 1 : line.index(b">")])
        return {250}

    def malformed(self, line: bytes) -> set[int]:
        return {501, 503, 530, 552, 553, 555}

    def verify(self, line: bytes) -> set[int]:
        return {530} if self.outside else {252}

    def forget(self, line: bytes) -> set[int]:
        self.reset()
        return {250}

    def nonsense(self, line: bytes) -> set[int]:
        self.unknown += 1
        self.ended = self.unknown == UNKNOWN_LIMIT
        return {502} if self.ended else {500}

    def quit(self, line: bytes) -> set[int]:
        self.ended = True
        return {221}

    def takes_data(self) -> bool:
        return bool(not self.locked() and self.recipients)

    def content(self, content: bytes) -> set[int]:
        """The reply to a mail; one that is stored is remembered with its envelope."""
        envelope = (self.sender or b"", tuple(dict.fromkeys(self.recipients)))
        self.reset()
        if len(stuffed(content)) > MAX_SIZE:
            return {552}
        if is_smuggling(content):
            return {550}
        self.stored.append((*envelope, content))
        return {250}


def always(*codes: int) -> Callable[[Model, bytes], set[int]]:
    return lambda model, line: set(codes)


def stuffed(content: bytes) -> bytes:
    """As it goes over the wire (RFC 5321 4.5.2), without the end mark's dot."""
    return (b"." if content.startswith(b".") else b"") + content.replace(b"\r\n.", b"\r\n..")


def is_smuggling(content: bytes) -> bool:
    """A line feed that no CR precedes, or a dot alone between line ends of which one is bare."""
    return bool(re.search(rb"(?<!\r)\n", content) or re.search(rb"\r\.\r", content) or b"\r.\n" in content)


# What is said, and the model's answer to it. A line may also end with a bare LF: that is a line end, too.
SAID: dict[bytes, Callable[[Model, bytes], set[int]]] = {
    b"EHLO c.example": Model.greet, b"ehlo [127.0.0.1]": Model.greet, b"HELO c": Model.greet,
    b"EHLO": Model.greet, b"HELO  ": Model.greet,
    b"MAIL FROM:<ann@example.com>": Model.mail, b"mail from:<>": Model.mail,
    b"MAIL FROM: <ann@example.com> SIZE=12 BODY=8BITMIME": Model.mail,
    b"RCPT TO:<bob@example.com>": Model.recipient, b"rcpt to:<postmaster>": Model.recipient,
    b'RCPT TO:<"a b"@example.com>': Model.recipient, b"RCPT TO:<a%b@example.com>": Model.recipient,
    b"MAIL": Model.malformed, b"MAIL TO:<a@b>": Model.malformed, b"MAIL FROM:<a b>": Model.malformed,
    b"MAIL FROM:<a@b> SIZE=99999999": Model.malformed, b"MAIL FROM:<a@b> X=y": Model.malformed,
    b"MAIL FROM:<a\0b@c>": Model.malformed, b"MAIL FROM:<\xff@c> SMTPUTF8": Model.malformed,
    "MAIL FROM:<a@b> SMTPUTF8 SIZE=²".encode(): Model.malformed, "MAIL FROM:<é@b>".encode(): Model.malformed,
    b"MAIL FROM:<a@b> BODY": Model.malformed, b"MAIL FROM:<a@b> SIZE=x": Model.malformed,
    b"RCPT": Model.malformed, b"RCPT TO:<>": Model.malformed, b"RCPT TO:": Model.malformed,
    b"RCPT TO:<a@b> NOTIFY=NEVER": Model.malformed, b"RCPT TO:<\xc3@b>": Model.malformed,
    b"DATA x": Model.malformed,
    b"NOOP": always(250), b"NOOP \0\xff": always(250), b"RSET": Model.forget, b"RSET x": always(501),
    b"VRFY ann": Model.verify, b"VRFY \xff<": Model.verify, b"HELP": always(214), b"HELP \xff": always(214),
    b"EXPN staff": always(502), b"QUIT x": always(501), b"QUIT": Model.quit,
    b"XCLIENT ADDR=10.1.1.1": always(550), b"XCLIENT": always(550),
    b"BDAT 5 LAST": Model.nonsense, b"": Model.nonsense, b"\r": Model.nonsense, b".": Model.nonsense,
    b"NOOP\rNOOP": Model.nonsense, b"\0\0\0": Model.nonsense, b"\xe9\xff": Model.nonsense,
    b" NOOP": Model.nonsense,
    b"X" * 2000: Model.nonsense, b"LHLO c": Model.nonsense, b"ETRN x": Model.nonsense,
    b"__init__": Model.nonsense,
    b"NOOP " + b"x" * 3000: always(500), b"x" * 150_000: always(500),
}  # fmt: skip
INSIDE: dict[bytes, Callable[[Model, bytes], set[int]]] = {
    b"AUTH PLAIN AGEAYg==": always(502), b"AUTH": always(502), b"STARTTLS": always(502),
    b"STARTTLS x": always(502),
}  # fmt: skip
OUTSIDE: dict[bytes, Callable[[Model, bytes], set[int]]] = {
    b"AUTH PLAIN AGEAYg==": always(503, 538), b"AUTH": always(503, 538), b"AUTH LOGIN \xff": always(503, 538),
    b"STARTTLS x": always(501),
}  # fmt: skip

# Mail text, with what ends a line and hides a dot more often than chance would have it.
CONTENT = st.lists(
    st.sampled_from([b"\r\n", b".", b"\r\n.", b"..", b"Subject: x", b"\r", b"\0", b"\xff", b"QUIT\r\n"])
    | st.sampled_from([b"\r\n\n.\r\n", b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r"])
    | st.binary(max_size=20)
    | st.just(b"x" * 700),
    max_size=6,
).map(lambda parts: b"".join(parts) + b"\r\n")
ENDS = st.sampled_from([b"\r\n"] * 9 + [b"\n"])


def dialogues(special: dict[bytes, Callable[[Model, bytes], set[int]]]) -> st.SearchStrategy[list[Any]]:
    """Lines with their ends, and contents of mails, which DATA stands for; mostly whole mails, disturbed."""
    known = {**SAID, **special}

    def one_of(*answers: Callable[[Model, bytes], set[int]]) -> st.SearchStrategy[Any]:
        return st.tuples(st.sampled_from([line for line in known if known[line] in answers]), ENDS)

    anything = st.tuples(st.sampled_from(list(known)), ENDS)
    noise = st.lists(anything | CONTENT, max_size=2)
    mail = st.tuples(noise, one_of(Model.mail), noise, one_of(Model.recipient), noise, CONTENT)
    greeting = st.tuples(noise, st.just((b"EHLO c.example", b"\r\n")))
    chunk = st.tuples(noise) | mail | mail | mail | greeting
    flat = st.lists(chunk, min_size=2, max_size=6).map(lambda chunks: list(flattened(chunks)))
    return st.tuples(greeting.map(lambda parts: list(flattened([parts]))), flat).map(
        lambda two: two[0] + two[1]
    )


def flattened(chunks: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """The steps of chunks, of which some are lists of noise."""
    for chunk in chunks:
        for part in chunk:
            if isinstance(part, list):
                yield from part
            else:
                yield part


def play(steps: list[Any], model: Model) -> tuple[bytes, list[set[int]]]:
    """What to send, and the codes that must come back in this order."""
    known = {**SAID, **(OUTSIDE if model.outside else INSIDE)}
    sent, expected = bytearray(), [{220}]
    for step in steps:
        if model.ended:
            break
        if isinstance(step, tuple):
            line, end = step
            sent += line + end
            expected.append(known[line](model, line))
            continue
        sent += b"DATA\r\n"
        expected.append({354} if model.takes_data() else model.locked() or {503})
        if model.takes_data():
            sent += stuffed(step) + b".\r\n"
            expected.append(model.content(step))
    return bytes(sent), expected


async def exchange(port: int, sent: bytes, cuts: list[int]) -> bytes:
    """Send in pieces that end at the cuts, close our half, and give all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    listening = asyncio.create_task(reader.read(-1))
    places = sorted({cut % (len(sent) + 1) for cut in cuts} | {len(sent)})
    for start, end in zip([0, *places], places, strict=False):
        writer.write(sent[start:end])
        await writer.drain()
        await asyncio.sleep(0)
    if not writer.is_closing():
        writer.write_eof()
    async with asyncio.timeout(60):
        answers = await listening
    writer.close()
    return answers


@contextmanager
def nothing_logged() -> Iterator[None]:
    """No error is logged and no task's exception lost meanwhile."""
    records: list[logging.LogRecord] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    collector = Collect(logging.ERROR)
    logging.getLogger().addHandler(collector)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(collector)
    assert [record.getMessage() for record in records] == []


def check_replies(answers: bytes, expected: list[set[int]]) -> None:
    """Each expected reply is there, in order, with its enhanced code, and nothing besides."""
    found = list(REPLY.finditer(answers))
    assert b"".join(each[0] for each in found) == answers
    codes = [int(each[1] or each[2]) for each in found]
    assert len(codes) == len(expected), (codes, expected)
    assert all(code in allowed for code, allowed in zip(codes, expected, strict=True)), (codes, expected)
    for each in found[1:]:
        greeting = each[0].startswith((b"250-relay.example", b"250 relay.example\r\n"))
        assert greeting or each[0].startswith(b"354 ") or ENHANCED.match(each[0]), each[0]


async def speak(steps: list[Any], cuts: list[int], model: Model, **changed: Any) -> None:
    """One dialogue with a server of its own, and what must hold after it."""
    store = MemoryStore()
    sent, expected = play(steps, model)
    tasks = len(asyncio.all_tasks())
    async with serving(store, max_size=MAX_SIZE, **changed) as server:
        idle = len(asyncio.all_tasks())
        answers = await exchange(server.port, sent, cuts)
        check_replies(answers, expected)
        stored = [
            (raw.mail_from.encode(), tuple(each.encode() for each in raw.rcpt_to), raw.content)
            for raw in store.mails
        ]
        assert stored == model.stored
        await until(lambda: not server._intake.sessions, "the session has ended")
        await until(lambda: len(asyncio.all_tasks()) <= idle, "its tasks have ended")
        assert not any(peer.sessions for peer in server._intake.limits._peers.values())
        assert await honest(server.port) == ([530] if model.outside else [250])
    assert len(asyncio.all_tasks()) == tasks


async def honest(port: int) -> list[int]:
    """What a peer with proper manners is told at MAIL."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reply(reader)
    for step in (b"EHLO c.example\r\n", b"MAIL FROM:<ann@example.com>\r\n"):
        writer.write(step)
        said = await reply(reader)
    writer.close()
    return [int(said[:3])]


RANDOM = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
CUTS = st.lists(st.integers(0, 10_000), max_size=12)


@given(steps=dialogues(INSIDE), cuts=CUTS)
@RANDOM
def test_every_dialogue_goes_as_the_rfc_says(steps: list[Any], cuts: list[int]) -> None:
    with nothing_logged():
        asyncio.run(speak(steps, cuts, Model(outside=False)), debug=False)


@given(steps=dialogues(OUTSIDE), cuts=CUTS)
@settings(RANDOM, max_examples=40)
def test_from_outside_no_dialogue_stores_anything(steps: list[Any], cuts: list[int]) -> None:
    model = Model(outside=True)
    changed = {"allowed_networks": ["10.0.0.0/8"], "tls": CERTIFICATE, "users": [USER]}
    with nothing_logged():
        asyncio.run(speak(steps, cuts, model, **changed))
    assert model.stored == []


USER = {"name": "scanner", "password": {"file": __file__}}


def test_the_model_itself_stores_and_refuses_mails() -> None:
    lines = [(b"EHLO c.example", b"\r\n"), (b"mail from:<>", b"\n"), (b"RCPT TO:<bob@example.com>", b"\r\n")]
    model = Model(outside=False)
    _, expected = play(
        [*lines, b".x\r\n", *lines, b"a\n.\r\n", *lines, b"x" * 2001 + b"\r\n", b"y\r\n"], model
    )
    assert [codes for codes in expected if codes != {250}] == [
        {220},
        {354},
        {354},
        {550},
        {354},
        {552},
        {503},
    ]
    assert model.stored == [(b"", (b"bob@example.com",), b".x\r\n")]
