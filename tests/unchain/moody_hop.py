"""A next hop in a bad mood: refuses, hangs, half-closes, hangs up on mails, is slow; notes what it took."""

import asyncio
import hashlib
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from random import Random

# What it may do wherever it has to say something.
ANYWHERE = ("4xx", "hang", "half-close", "close", "slow", "421")
# What it may say of a recipient for good. Not that there is no such address: nobody would write to it again.
REFUSAL = b"550 5.7.1 not today"
_TRACE = re.compile(rb"\AReceived: [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")


class Parted(Exception):
    """The conversation is over."""


@dataclass
class Taken:
    """What it took, by sender, recipient and the bytes below our trace header."""

    answered: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # with 250
    unanswered: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # the peer cannot know
    ours: dict[str, bytes] = field(default_factory=dict)  # mails with the null sender, by digest


def digest(content: bytes) -> str:
    """What a mail is known by."""
    return hashlib.sha256(content).hexdigest()


class MoodyHop:
    """Listens in a thread of its own; `malice` is how likely it misbehaves at each step."""

    def __init__(self, port: int, *, malice: float = 0.0, seed: int = 1) -> None:
        self.malice = malice
        self.only = ""  # the one thing that it does then; "": any
        self.taken = Taken()
        self.moods: Counter[str] = Counter()  # how often it did what
        self._chance = Random(seed)
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._talks: set[asyncio.Task[None]] = set()
        self._patience = asyncio.Event()  # set: whoever was kept hanging is let go
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def start(self) -> None:
        """Listen."""
        self._do(self._start())

    def behave(self) -> None:
        """Take everything from now on, and hang up on those who were kept waiting."""
        self.malice = 0.0
        self._loop.call_soon_threadsafe(self._patience.set)

    def stop(self) -> None:
        """Listen no more."""
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _do(self, what: object) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(20)  # type: ignore[arg-type]

    async def _start(self) -> None:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self._port, limit=64 * 1024 * 1024
        )

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(_Talk(self, reader, writer).run())
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    def mood(self, *further: str) -> str:
        """What to do now; "" is what a good server does."""
        if self._chance.random() >= self.malice:
            return ""
        mood = self.only or self._chance.choice((*ANYWHERE, *further))
        self.moods[mood] += 1
        return mood

    async def wait(self, seconds: float) -> None:
        """Return after some time, or when it has to behave."""
        try:
            async with asyncio.timeout(seconds):
                await self._patience.wait()
        except TimeoutError:
            return


class _Talk:
    """One connection."""

    def __init__(self, hop: MoodyHop, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._hop = hop
        self._reader = reader
        self._writer = writer
        self._sender = ""
        self._recipients: list[str] = []

    async def run(self) -> None:
        try:
            await self._say(b"220 moody.example ESMTP", self._hop.mood())
            while line := await self._reader.readline():
                await self._obey(line.decode("utf-8").strip())
        except (ConnectionError, asyncio.IncompleteReadError, Parted):
            pass
        finally:
            self._writer.close()

    async def _obey(self, command: str) -> None:
        word = command.partition(" ")[0].upper()
        address = command.partition("<")[2].partition(">")[0]
        if word == "EHLO":
            await self._say(b"250-moody.example\r\n250-PIPELINING\r\n250-SIZE\r\n250 8BITMIME", "")
        elif word == "MAIL":
            self._sender, self._recipients = address, []
            await self._say(b"250 sender", self._hop.mood())
        elif word == "RCPT":
            mood = self._hop.mood("5xx", "5xx")
            if mood in ("", "slow"):
                self._recipients.append(address)
            await self._say(b"250 recipient", mood)
        elif word == "DATA" and self._recipients:
            await self._say(b"354 go on", "")
            await self._take(await self._reader.readuntil(b"\r\n.\r\n"))
        elif word == "QUIT":
            raise Parted
        else:
            await self._say(b"503 no recipients" if word == "DATA" else b"250 fine", "")

    async def _take(self, received: bytes) -> None:
        content = received.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        original = _TRACE.sub(b"", content, count=1)
        keys = [(self._sender, recipient, digest(original)) for recipient in self._recipients]
        mood = self._hop.mood("5xx", "close", "close")  # hanging up with the mail in hand
        if mood not in ("4xx", "5xx", "421"):
            taken = self._hop.taken
            (taken.answered if mood in ("", "slow") else taken.unanswered).update(keys)
            if not self._sender:
                taken.ours[digest(original)] = original
        await self._say(b"250 taken", mood)

    async def _say(self, reply: bytes, mood: str) -> None:
        if mood == "hang":
            await self._hop.wait(3600)
            raise Parted
        if mood == "close":
            raise Parted
        if mood == "half-close":
            self._writer.write_eof()
            await self._hop.wait(5)
            raise Parted
        if mood == "slow":
            await self._hop.wait(0.3)
        said = {"4xx": b"451 4.3.2 later", "5xx": REFUSAL, "421": b"421 4.3.2 going away"}.get(mood, reply)
        self._writer.write(said + b"\r\n")
        await self._writer.drain()
        if mood == "421":
            raise Parted
