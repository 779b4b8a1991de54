"""Sends the demo's mails to the relay through real SMTP, over a few connections at a time.

Keeps on while the relay is away and never sends again what was taken: what a broken connection leaves in
doubt is looked up first. Knows nothing of the store; looking up is a function that it is given.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from hashlib import sha256

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from domain.errors import UnchainError
from unchain.demo.script import DemoMail

OPEN_THREADS = 6  # threads whose mails come mixed with each other
SWAP_SHARE = 0.12  # of neighbours in a thread that overtake each other, as on real networks


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A mail that the relay does not want."""

    mail: DemoMail
    reply: str


@dataclass(kw_only=True)
class Feed:
    """How the feeding went; counts add up to the mails given."""

    sent: int = 0  # got 250 now
    known: int = 0  # had been accepted before
    refused: list[Refusal] = field(default_factory=list)


def digest(mail: DemoMail) -> str:
    """The sha256 of a mail's bytes, in hexadecimal: what a mail is looked up by."""
    return sha256(mail.content).hexdigest()


def feeding_order(mails: Sequence[DemoMail], *, seed: int = 7) -> list[DemoMail]:
    """The mails with threads mixed within a window and some neighbours swapped; a seed fixes the order."""
    chance = random.Random(seed)
    threads: dict[str, list[DemoMail]] = {}
    for mail in sorted(mails, key=lambda one: one.sent_at):
        threads.setdefault(mail.thread, []).append(mail)
    waiting = deque(deque(_with_swaps(one, chance)) for one in threads.values())
    current: list[deque[DemoMail]] = []
    order: list[DemoMail] = []
    while waiting or current:
        while waiting and len(current) < OPEN_THREADS:
            current.append(waiting.popleft())
        thread = chance.choice(current)
        order.append(thread.popleft())
        if not thread:
            current.remove(thread)
    return order


def _with_swaps(mails: list[DemoMail], chance: random.Random) -> list[DemoMail]:
    out = list(mails)
    for index in range(1, len(out)):
        if chance.random() < SWAP_SHARE:
            out[index - 1], out[index] = out[index], out[index - 1]
    return out


class Feeder:
    """Hands mails over to the relay at `host`:`port`.

    `already_accepted` takes digests and answers those that the relay has committed; it may block.
    `on_accepted` is called once for each mail that is with the relay, whether sent now or found there.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        already_accepted: Callable[[frozenset[str]], Set[str]],
        on_accepted: Callable[[DemoMail], None] = lambda mail: None,
        connections: int = 4,
        pause: float = 0.3,
        patience: float = 120.0,
    ) -> None:
        self._host = host
        self._port = port
        self._already_accepted = already_accepted
        self._on_accepted = on_accepted
        self._connections = connections
        self._pause = pause  # seconds between tries while the relay is away
        self._patience = patience  # seconds without any success after which it gives up
        self._last_success = 0.0

    async def feed(self, mails: Sequence[DemoMail]) -> Feed:
        """Send what is not there yet, in the order given. Raises UnchainError when patience ends."""
        result = Feed()
        known = await self._look_up(frozenset(digest(mail) for mail in mails))
        queue: deque[DemoMail] = deque()
        for mail in mails:
            if digest(mail) in known:
                result.known += 1
                self._on_accepted(mail)
            else:
                queue.append(mail)
        self._last_success = asyncio.get_running_loop().time()
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(min(self._connections, len(queue))):
                    tasks.create_task(self._work(queue, result))
        except ExceptionGroup as group:
            if (ours := group.subgroup(UnchainError)) is not None:
                raise ours.exceptions[0] from None
            raise
        return result

    async def _look_up(self, digests: frozenset[str]) -> Set[str]:
        return await asyncio.to_thread(self._already_accepted, digests)

    async def _work(self, queue: deque[DemoMail], result: Feed) -> None:
        client: SMTP | None = None
        try:
            while queue:
                mail = queue.popleft()
                client = await self._hand_over(mail, client, result)
        finally:
            if client is not None:
                await _quit(client)

    async def _hand_over(self, mail: DemoMail, client: SMTP | None, result: Feed) -> SMTP | None:
        """Try until the relay has it or does not want it; answers the connection to go on with."""
        in_doubt = False
        while True:
            client = client or await self._connect()
            if in_doubt and digest(mail) in await self._look_up(frozenset({digest(mail)})):
                result.known += 1
                self._succeed(mail)
                return client
            try:
                partly, _ = await client.sendmail(mail.mail_from, list(mail.rcpt_to), mail.content)
            except (SMTPException, OSError) as error:
                code, reply = _reply(error)
                if code >= 500:
                    result.refused.append(Refusal(mail=mail, reply=f"{code} {reply}"))
                    return client
                in_doubt = True
                client.close()
                client = None
                await self._wait(reply)
            else:
                if partly:
                    names = ", ".join(f"{who}: {reply.code} {reply.message}" for who, reply in partly.items())
                    result.refused.append(Refusal(mail=mail, reply=f"not for {names}"))
                else:
                    result.sent += 1
                self._succeed(mail)
                return client

    async def _connect(self) -> SMTP:
        while True:
            client = SMTP(
                hostname=self._host,
                port=self._port,
                start_tls=False,
                timeout=30,
                local_hostname="mail.boreal.example",
            )
            try:
                await client.connect()
            except (SMTPException, OSError) as error:
                await self._wait(_reply(error)[1])
            else:
                return client

    def _succeed(self, mail: DemoMail) -> None:
        self._last_success = asyncio.get_running_loop().time()
        self._on_accepted(mail)

    async def _wait(self, reason: str) -> None:
        silent = asyncio.get_running_loop().time() - self._last_success
        if silent > self._patience:
            raise UnchainError(
                f"the relay at {self._host}:{self._port} has taken no mail for {silent:.0f} seconds"
                f" ({reason}); see whether it runs, then start the demo again: it goes on where it stopped"
            )
        await asyncio.sleep(self._pause)


def _reply(error: Exception) -> tuple[int, str]:
    """The reply code (0 where the connection failed) and text of what went wrong."""
    if isinstance(error, SMTPRecipientsRefused):
        first = error.recipients[0]
        return first.code, str(first.message)
    if isinstance(error, SMTPSenderRefused | SMTPResponseException):
        return error.code, str(error.message)
    return 0, str(error) or type(error).__name__


async def _quit(client: SMTP) -> None:
    try:
        await client.quit(timeout=2.0)
    except (SMTPException, OSError):
        client.close()
