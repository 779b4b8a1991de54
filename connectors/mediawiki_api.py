"""MediaWiki's action API: signing in by bot password, tokens, and its error codes as our errors.

https://www.mediawiki.org/wiki/API:Main_page. What is asked and posted is the connector's part.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from connectors.bodies import Body, Form, Upload
from connectors.http import HttpClient, HttpOptions, Reply, Shape
from connectors.http_errors import retry_after
from domain.errors import AuthLost, Conflict, ConnectorError, Refused, Transient
from domain.options import Secret
from domain.publication import File

MAX_LAG = (
    "5"  # seconds that its databases may lag behind: https://www.mediawiki.org/wiki/Manual:Maxlag_parameter
)
BUSY = 60.0  # seconds to wait where it gives no number
_LATER = frozenset({"ratelimited", "maxlag", "readonly", "actionthrottledtext", "timeout", "http-timed-out"})
_LOST = frozenset(
    {"blocked", "autoblocked", "globalblocking-ipblocked", "notloggedin", "permissiondenied-user"}
)
_SIGN_IN = frozenset({"assertuserfailed", "assertbotfailed", "assertnameduserfailed"})


class Exists(Refused):
    """A page of this title is there already."""


class Error(Shape):
    """What it says where it does not do what it was asked."""

    code: str
    info: str = ""


class _Answer(Shape):
    error: Error | None = None


class _Login(Shape):
    result: str
    lgusername: str = ""
    reason: str = ""


class _LoginAnswer(Shape):
    login: _Login


class _Tokens(Shape):
    logintoken: str = ""
    csrftoken: str = ""


class _TokenQuery(Shape):
    tokens: _Tokens


class _TokenAnswer(Shape):
    query: _TokenQuery


class Api:
    """Speaks to the API as one account; signs in when first needed, and again where that was forgotten."""

    def __init__(self, url: str, user: str, password: Secret, options: HttpOptions) -> None:
        """`url` is that of api.php, `user` the account with the name of its bot password: `Bot@unchain`."""
        parts = urlsplit(url)
        self._path = parts.path
        base = f"{parts.scheme}://{parts.netloc}"
        self._http = HttpClient("MediaWiki", options, url=base, secrets=(password,))
        self._user, self._password = user, password
        self._token = ""
        self.account = ""  # the name that stands at its edits, once it has signed in

    async def name(self) -> str:
        """The name of the account."""
        await self._ready()
        return self.account

    async def query(self, **question: str) -> Reply:
        """Read something, signed in: many wikis show nothing to strangers."""
        await self._ready()
        reply, error = await self._ask({"action": "query", "assert": "user", **question})
        if error and error.code in _SIGN_IN:
            await self._sign_in()
            reply, error = await self._ask({"action": "query", "assert": "user", **question})
        if error:
            raise _raised(reply, error)
        return reply

    async def write(self, *files: File, **fields: str) -> Reply:
        """Change something that the same request does not change twice; Exists and Conflict tell why not."""
        await self._ready()
        for last in (False, True):
            reply, error = await self._ask(
                {"assert": "user", "maxlag": MAX_LAG, **fields}, self._token, *files
            )
            if error is None:
                return reply
            if last or error.code not in _SIGN_IN | {"badtoken"}:
                raise _raised(reply, error)
            # Nothing was done: an old token or session is refused first of all.
            await (self._renew_token() if error.code == "badtoken" else self._sign_in())
        raise AssertionError

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _ready(self) -> None:
        if not self._token:
            await self._sign_in()

    async def _sign_in(self) -> None:
        self._token = ""
        token = (await self._tokens("login")).logintoken
        try:
            secret = self._password.reveal()
        except (LookupError, OSError) as error:
            raise AuthLost(f"MediaWiki: {error}") from None
        fields = {"action": "login", "lgname": self._user, "lgpassword": secret, "lgtoken": token}
        reply, failed = await self._ask(fields)
        if failed:
            raise _raised(reply, failed)
        login = reply.parse(_LoginAnswer).login
        if login.result in {"Throttled", "WrongToken", "NeedToken"}:
            raise Transient(f"MediaWiki does not let {self._user} sign in now: {login.result}", BUSY)
        if login.result != "Success":
            raise AuthLost(f"MediaWiki does not know {self._user} with this bot password: {login.reason}")
        self.account = login.lgusername
        await self._renew_token()

    async def _renew_token(self) -> None:
        self._token = (await self._tokens("csrf")).csrftoken

    async def _tokens(self, kind: str) -> _Tokens:
        reply, error = await self._ask({"action": "query", "meta": "tokens", "type": kind})
        if error:
            raise _raised(reply, error)
        return reply.parse(_TokenAnswer).query.tokens

    async def _ask(
        self, fields: Mapping[str, str], token: str = "", *files: File
    ) -> tuple[Reply, Error | None]:
        asked = {"format": "json", "formatversion": "2", **fields, **({"token": token} if token else {})}
        body: Body = Upload(asked, [("file", each) for each in files]) if files else Form(asked)
        reply = await self._http.ask("POST", self._path, body=body)
        return reply, reply.parse(_Answer).error


def _raised(reply: Reply, error: Error) -> ConnectorError:
    """What an error code means: https://www.mediawiki.org/wiki/API:Errors_and_warnings."""
    sentence = f"{reply.call} answered {error.code}: {' '.join(error.info.split())[:200]}"
    if error.code == "articleexists":
        return Exists(sentence)
    if error.code == "editconflict":
        return Conflict(sentence)
    if error.code in _LATER or error.code.startswith("internal_api_error"):
        wait = retry_after(reply.headers, b"", datetime.now(UTC))
        return Transient(sentence, BUSY if wait is None else wait)
    if error.code in _LOST or error.code in _SIGN_IN:
        return AuthLost(sentence)
    return Refused(sentence)
