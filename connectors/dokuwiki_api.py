"""DokuWiki's XML-RPC interface: calls, faults, and answers that are read without trust.

https://www.dokuwiki.org/devel:xmlrpc. Release 2022-07-31 answers most faults with success and an empty
structure. What makes XML dangerous, a DTD, is refused before it is read.
"""

import base64
import re
import xmlrpc.client
from typing import TypeVar
from xml.parsers.expat import ExpatError

from pydantic import TypeAdapter, ValidationError

from connectors.bodies import Bytes
from connectors.http import HttpClient, HttpOptions, Reply
from domain.errors import AuthLost, ConnectorError, Refused, Transient
from domain.options import Secret

PATH = "/lib/exe/xmlrpc.php"
UNEXPLAINED = 0  # the code of a fault of which nothing was said
BUSY = 60.0  # seconds to wait for somebody who is writing
_LOCKED = 133
_NOT_THIS_ACCOUNT = frozenset({111, 112, 113, 114, 211, 212, 215, -32603, -32604, -32605})
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2

Argument = str | int | bytes | dict[str, str | bool | list[str]]
T = TypeVar("T")


class Failed(Refused):
    """It did not do what it was asked; `code` is its own, UNEXPLAINED where it gave none."""

    def __init__(self, message: str, code: int = UNEXPLAINED) -> None:
        super().__init__(message)
        self.code = code


class Api:
    """Speaks to one wiki as one account, by HTTP Basic (RFC 7617). All that is called may be called twice."""

    def __init__(self, url: str, user: str, password: Secret, options: HttpOptions) -> None:
        """`url` is the address of the wiki, below which `lib/exe/xmlrpc.php` is found."""
        self._user, self._password = user, password
        self._http = HttpClient(
            "DokuWiki", options, url=url, secrets=(password,), headers=self._authorization
        )

    async def ask(self, shape: type[T], method: str, *arguments: Argument) -> T:
        """What a method answers, as this shape; raises Failed, AuthLost or Transient where it does not."""
        sent = tuple(sendable(each) if isinstance(each, str) else each for each in arguments)
        call = xmlrpc.client.dumps(sent, method, encoding="utf-8")
        body = Bytes(raw=call.encode(), media_type="text/xml; charset=utf-8")
        reply = await self._http.ask("POST", PATH, body=body, expect={403})
        answer = _read(reply, method)
        if reply.status == 403:
            raise AuthLost(f"{reply.call} ({method}) is forbidden to {self._user}: look at its rights")
        if answer == {}:
            raise Failed(f"{reply.call} ({method}) failed without a reason")
        try:
            return TypeAdapter(shape).validate_python(answer)
        except ValidationError:
            raise reply.lost(f"{reply.call} ({method}) answered something unknown") from None

    async def sign_in(self) -> bool:
        """Whether the wiki knows the account by its password."""
        return await self.ask(bool, "dokuwiki.login", self._user, self._revealed())

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    def _revealed(self) -> str:
        try:
            return self._password.reveal()
        except (LookupError, OSError) as error:
            raise AuthLost(f"DokuWiki: {error}") from None

    def _authorization(self) -> dict[str, str]:
        pair = f"{self._user}:{self._revealed()}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def sendable(text: str) -> str:
    """A text as the wiki gets it: without signs for which XML has no form, its lines ended by LF alone."""
    return _NOT_IN_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def _read(reply: Reply, method: str) -> object:
    """The value of an answer; entities cannot be declared in it, for a DTD is refused."""
    text = reply.body.decode("utf-8", "replace")  # and so parsed, whatever encoding it claims
    if "<!DOCTYPE" in text or "<methodResponse" not in text:
        raise _no_answer(reply, method)
    try:
        values, _ = xmlrpc.client.loads(text)  # dates stay as they are: its own have a form of theirs
    except xmlrpc.client.Fault as fault:
        raise _raised(reply, method, fault) from None
    except (ExpatError, xmlrpc.client.Error, ValueError, TypeError, LookupError, ArithmeticError):
        raise _no_answer(reply, method) from None
    return values[0] if values else {}


def _no_answer(reply: Reply, method: str) -> ConnectorError:
    sentence = f"{reply.call} ({method}) answered {reply.status} with something that is no XML-RPC"
    return Refused(sentence) if reply.status == 403 else reply.lost(sentence)


def _raised(reply: Reply, method: str, fault: xmlrpc.client.Fault) -> ConnectorError:
    said = " ".join(str(fault.faultString).split())[:200]
    sentence = f"{reply.call} ({method}) answered fault {fault.faultCode}: {said}"
    if fault.faultCode == _LOCKED:
        return Transient(sentence, BUSY)
    if fault.faultCode in _NOT_THIS_ACCOUNT:
        return AuthLost(sentence)
    return Failed(sentence, fault.faultCode)
