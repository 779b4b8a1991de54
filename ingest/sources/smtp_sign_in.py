"""AUTH PLAIN and LOGIN of an SMTP dialogue (RFC 4954, RFC 4616), for peers outside the allowed networks.

Only over an encrypted connection. Whether a password is right says smtp_security.py, how often a peer may
guess smtp_limits.py.
"""

import base64
import binascii

from ingest.sources.smtp_peer import SmtpPeer

CODES_OF_LOGIN = (b"Username:", b"Password:")  # what clients of the mechanism wait for


class NoCredentials(Exception):
    """A peer that did not say name and password; the text is the reply to it."""


class SmtpSignIn(SmtpPeer):
    """A peer's connection that may sign in."""

    async def smtp_AUTH(self, arg: str | None) -> None:
        """AUTH, where there are users and the connection is encrypted."""
        mechanism, _, initial = (arg or "").partition(" ")
        refusal = self._refusal_to_sign_in(mechanism.upper())
        if refusal is not None:
            await self.push(refusal)
            return
        try:
            read = self._read_plain if mechanism.upper() == "PLAIN" else self._read_login
            name, password = await read(initial.strip())
        except NoCredentials as error:
            await self.push(str(error))
            return
        await self._sign_in(name, password)

    def _refusal_to_sign_in(self, mechanism: str) -> str | None:
        assert self.session is not None
        if self._intake.password_check is None:
            return "502 5.5.1 There is nobody to sign in as"
        if not self.session.host_name or not self.session.extended_smtp:
            return "503 5.5.1 Say EHLO first"
        if not self._is_encrypted():
            return "538 5.7.11 A password is only taken over TLS"
        if self.session.authenticated or self._in_transaction():
            return "503 5.5.1 You cannot sign in now"
        if not mechanism:
            return "501 5.5.4 Syntax: AUTH mechanism"
        return None if mechanism in ("PLAIN", "LOGIN") else "504 5.5.4 There are only PLAIN and LOGIN"

    async def _sign_in(self, name: bytes, password: bytes) -> None:
        assert self.session is not None
        assert self._intake.password_check is not None
        if not self._peer.may_try_password():
            if self._peer.may_connect():  # it is exempt: its mail still flows
                await self.push("454 4.7.0 Too many wrong passwords, try again later")
            else:
                self.hang_up("421 4.7.0 Too many wrong passwords, try again later")
        elif await self._intake.password_check.is_right(name, password):
            self._peer.password_was_right()
            self.session.authenticated = True
            await self.push("235 2.7.0 You are signed in")
        else:
            await self.push("535 5.7.8 Name or password is wrong")

    async def _read_plain(self, initial: str) -> tuple[bytes, bytes]:
        said = _decoded(_octets(initial)) if initial else await self._challenge(b"")
        parts = said.split(b"\0")
        if len(parts) != 3:
            raise NoCredentials("501 5.5.2 Not what AUTH PLAIN says")
        return parts[1], parts[2]  # the first asks to act as another, which nobody here may

    async def _read_login(self, initial: str) -> tuple[bytes, bytes]:
        ask_name, ask_password = CODES_OF_LOGIN
        name = _decoded(_octets(initial)) if initial else await self._challenge(ask_name)
        return name, await self._challenge(ask_password)

    async def _challenge(self, text: bytes) -> bytes:
        await self.push("334 " + base64.b64encode(text).decode("ascii"))
        line = await self._read_command()
        self._reset_timeout()
        if line is None:
            raise NoCredentials("500 5.5.6 The line is too long")
        if line == b"*":
            raise NoCredentials("501 5.7.0 Not signed in")
        return _decoded(line)


def _octets(argument: str) -> bytes:
    return argument.encode("utf-8", "surrogateescape")  # as they came: the loop decodes commands this way


def _decoded(said: bytes) -> bytes:
    if said == b"=":  # an empty initial response
        return b""
    try:
        return base64.b64decode(said, validate=True)
    except binascii.Error:
        raise NoCredentials("501 5.5.2 Not base64") from None
