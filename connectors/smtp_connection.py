"""One connection to a mail server: hands mails over, one dialogue after the other (RFC 5321).

Knows the outcome for each recipient. Which server, and when to try again, is for others to say.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from aiosmtplib import SMTP, SMTPException, SMTPResponse

from connectors.smtp_dialogue import Dialogue

# A peer that has the whole mail may scan it before it answers (RFC 5321 4.5.3.2.6 grants ten minutes).
FINAL_REPLY_TIMEOUT = 600.0
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"(?:@|$)')
_UNSAFE = re.compile(r"[\s<>]")
_ABOUT_US = (530, 534, 535, 538)  # sign in first, or differently (RFC 4954 section 6): no fault of the mail


class RecipientState(StrEnum):
    """What became of a mail for one recipient."""

    DELIVERED = "delivered"  # the next hop has taken the responsibility
    TEMPORARY = "temporary"  # try again later
    PERMANENT = "permanent"  # never try again; tell the sender


@dataclass(frozen=True, kw_only=True)
class RecipientResult:
    """The next hop's word on one recipient."""

    state: RecipientState
    code: int  # SMTP reply code; 0 where none came
    text: str  # the reply, or what went wrong, in one line


class Unsent(Exception):
    """The connection failed before the mail was taken: nothing was delivered."""


class SmtpConnection:
    """An open connection that has said EHLO."""

    def __init__(self, client: SMTP, *, patience: float, final_reply_timeout: float) -> None:
        """`client` has connected and greeted; nothing more is asked of it."""
        transport = client.transport
        assert transport is not None
        self._patience = patience
        self._final_reply_timeout = final_reply_timeout
        self._used_at = asyncio.get_running_loop().time()
        self._extensions = frozenset(client.esmtp_extensions)
        greeting = client.last_ehlo_response or client.last_helo_response
        self.server_name = (greeting.message.split() or ["?"])[0] if greeting else "?"
        self.mails = 0  # handed over so far, taken or not
        self._dialogue = Dialogue(cast(asyncio.Transport, transport))

    def is_fresh(self, idle_seconds: float) -> bool:
        """Whether it is open and was used within the last `idle_seconds`."""
        idle = asyncio.get_running_loop().time() - self._used_at
        return self._dialogue.is_open and idle < idle_seconds

    def drop(self) -> None:
        """Close it without a word."""
        self._dialogue.close()

    def part(self) -> None:
        """Say QUIT and close without waiting for the answer."""
        self._dialogue.say(b"QUIT\r\n")
        self._dialogue.close()

    async def quit(self) -> None:
        """Say QUIT and close."""
        with suppress(OSError, SMTPException):
            await self._dialogue.ask(b"QUIT\r\n", patience=2.0)
        self._dialogue.close()

    async def deliver(
        self, content: bytes, mail_from: str, recipients: Sequence[str]
    ) -> dict[str, RecipientResult]:
        """Hand over a mail; raises Unsent where the connection fails before the content is on its way.

        So it does where the server wants no further mail on a connection that had one before: 4xx to MAIL,
        or 421 (RFC 5321 section 3.8).
        """
        self.mails += 1
        try:
            results = self._impossible(mail_from, recipients)
            possible = [recipient for recipient in recipients if recipient not in results]
            if possible:
                results |= await self._converse(content, mail_from, possible)
        except asyncio.CancelledError:
            self.drop()  # in the middle of a dialogue it is of no further use
            raise
        self._used_at = asyncio.get_running_loop().time()
        return results

    async def _converse(
        self, content: bytes, mail_from: str, recipients: Sequence[str]
    ) -> dict[str, RecipientResult]:
        try:
            sender, *answers, ready = await self._send_envelope(content, mail_from, recipients)
        except (OSError, SMTPException) as error:
            self.drop()
            raise Unsent(_one_line(str(error)) or type(error).__name__) from error
        if sender.code // 100 == 4 and self._is_reused:
            # Some servers have had enough of a connection, and say it of the mail: a new one tells which.
            self.part()
            raise Unsent(f"{sender.code} {_one_line(sender.message)}")
        if sender.code // 100 != 2:
            answers = [sender] * len(recipients)
        results = {each: from_reply(answer) for each, answer in zip(recipients, answers, strict=True)}
        accepted = [each for each, answer in zip(recipients, answers, strict=True) if answer.code // 100 == 2]
        if accepted and ready.code == 354:
            outcome = await self._send_content(content)
            results.update(dict.fromkeys(accepted, from_reply(outcome)))
        elif ready.code < 400:  # it waits for a mail that goes to nobody, or for what we do not know
            self.drop()
            results.update(dict.fromkeys(accepted, temporary(f"5.5.0 DATA was answered {ready.code}")))
        else:
            results.update(dict.fromkeys(accepted, from_reply(ready)))
        await self._reset_unless_delivered(results)
        return results

    @property
    def _is_reused(self) -> bool:
        return self.mails > 1

    def _impossible(self, mail_from: str, recipients: Sequence[str]) -> dict[str, RecipientResult]:
        """Those that this server could never take, before a word is said."""
        bad_sender = self._objection(mail_from) if mail_from else None
        objections = {recipient: bad_sender or self._objection(recipient) for recipient in recipients}
        return {recipient: objection for recipient, objection in objections.items() if objection}

    def _objection(self, address: str) -> RecipientResult | None:
        bare = _QUOTED.sub("", address, count=1)
        if not address or _UNSAFE.search(bare) or not address.isprintable():
            return _permanent(553, "5.1.3 the address is malformed")
        if not address.isascii() and "smtputf8" not in self._extensions:
            return _permanent(553, "5.6.7 the next hop takes no UTF-8 addresses (SMTPUTF8)")
        return None

    async def _send_envelope(
        self, content: bytes, mail_from: str, recipients: Sequence[str]
    ) -> Sequence[SMTPResponse]:
        """The replies to MAIL, to each RCPT, and to DATA; where all were refused, the last is theirs."""
        options = self._mail_options(content, (mail_from, *recipients))
        mail = " ".join((f"MAIL FROM:<{mail_from}>", *options))
        commands = [mail, *(f"RCPT TO:<{recipient}>" for recipient in recipients), "DATA"]
        if "pipelining" in self._extensions:
            return await self._ask("\r\n".join(commands), replies=len(commands))
        replies: list[SMTPResponse] = []
        for command in commands[:-1]:
            replies += await self._ask(command)
            if len(replies) == 1 and replies[0].code // 100 != 2:
                return [*replies, *replies * len(recipients), replies[0]]
        refused = all(reply.code // 100 != 2 for reply in replies[1:])
        return [*replies, replies[-1] if refused else (await self._ask("DATA"))[0]]

    def _mail_options(self, content: bytes, addresses: Sequence[str]) -> list[str]:
        options = []
        if "size" in self._extensions:
            options.append(f"SIZE={len(content)}")
        if not content.isascii() and "8bitmime" in self._extensions:
            options.append("BODY=8BITMIME")
        # Only for addresses: asked for without need, servers behind the next hop would have to have it too.
        if not all(address.isascii() for address in addresses):
            options.append("SMTPUTF8")
        return options

    async def _send_content(self, content: bytes) -> SMTPResponse:
        # aiosmtplib's own DATA rewrites lone CRs and so changes mails; this one only stuffs dots.
        try:
            (reply,) = await self._dialogue.ask(for_transfer(content), patience=self._final_reply_timeout)
        except (OSError, SMTPException) as error:
            self.drop()
            reason = _one_line(str(error)) or type(error).__name__
            return SMTPResponse(0, f"4.4.2 unknown whether the mail was taken: {reason}")
        if reply.code // 100 != 2:
            self.drop()  # it may have answered before it had read everything
        if reply.code == 421 and self._is_reused:  # about the connection: the mail was not taken, and may go
            raise Unsent(f"421 {_one_line(reply.message)}")
        return reply

    async def _reset_unless_delivered(self, results: dict[str, RecipientResult]) -> None:
        if any(result.state is RecipientState.DELIVERED for result in results.values()):
            return
        if self._dialogue.is_open:
            try:
                await self._ask("RSET")
            except (OSError, SMTPException):
                self.drop()

    async def _ask(self, commands: str, *, replies: int = 1) -> Sequence[SMTPResponse]:
        words = commands.encode("utf-8") + b"\r\n"
        found = await self._dialogue.ask(words, replies=replies, patience=self._patience)
        for reply in found:
            if reply.code == 421:  # about the connection, not about the mail (RFC 5321 3.8)
                raise SMTPException(f"421 {reply.message}")
        return found


def for_transfer(content: bytes) -> bytes:
    """The bytes of DATA: dots stuffed, end mark added.

    A mail that came by SMTP is not changed otherwise. One with bare LFs, as files and our own have, gets
    CRLF, since SMTP cannot carry it else (RFC 5321 2.3.8).
    """
    if content.count(b"\n") != content.count(b"\r\n"):
        content = re.sub(rb"(?<!\r)\n", b"\r\n", content)
    if content and not content.endswith(b"\r\n"):
        content += b"\r\n"
    if content.startswith(b"."):
        content = b"." + content
    return content.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def from_reply(reply: SMTPResponse) -> RecipientResult:
    """What a reply means for those it is about; what is no proper reply counts as temporary."""
    states = {2: RecipientState.DELIVERED, 5: RecipientState.PERMANENT}
    state = states.get(reply.code // 100, RecipientState.TEMPORARY)
    if reply.code in _ABOUT_US:
        state = RecipientState.TEMPORARY
    return RecipientResult(state=state, code=reply.code, text=_one_line(reply.message))


def temporary(text: str) -> RecipientResult:
    """No reply came, and the mail may be sent again."""
    return RecipientResult(state=RecipientState.TEMPORARY, code=0, text=_one_line(text))


def _permanent(code: int, text: str) -> RecipientResult:
    return RecipientResult(state=RecipientState.PERMANENT, code=code, text=text)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:500]
