"""The one HTTP client: limits of time and size, verified TLS, its own pace, every failure one of our errors.

`ask` is for calls that do no harm twice, `tell` for those that would: the connector that calls them knows. It
never repeats a request, never follows a redirect to another host, and never shows a secret.
"""

import contextlib
import ssl
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from yarl import URL

from connectors.bodies import Body, read_whole
from connectors.http_errors import (
    Lost,
    error_of,
    harmless,
    reason_in,
    retry_after,
    unknown,
    without_secrets,
)
from connectors.pacing import Pace
from domain.errors import AuthLost, Refused, Transient
from domain.options import Options, Secret

if TYPE_CHECKING:
    import aiohttp

MAX_ANSWER = 20 * 2**20  # bytes; more is no answer to anything that is asked here
CONNECT_SECONDS = 10.0
MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

T = TypeVar("T")


def _web_address(value: str) -> str:
    url = URL(value)
    if url.scheme not in {"http", "https"} or not url.host or url.user or url.password or url.fragment:
        raise ValueError("must be a web address like https://wiki.example.com, without a password in it")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]


class HttpOptions(Options):
    """What every connector that speaks HTTP can be told."""

    ca_file: Path | None = Field(
        default=None,
        description="Certificates (PEM) to trust besides the system's, for a server of your own.",
    )
    timeout: float = Field(default=60, gt=0, le=600, description="Seconds that one request may take.")
    requests_per_minute: float = Field(
        default=120, gt=0, le=6000, description="How fast the service is asked, at most."
    )


class Shape(BaseModel):
    """Base of what is read from a service's answers: only the fields that we need, of the types we need."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A service's answer, read to its end."""

    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes = field(repr=False)
    call: str  # for sentences: the service and what was asked
    lost: Lost = field(repr=False)

    def parse(self, shape: type[T]) -> T:
        """The JSON body as this shape; where it is something else, as where the answer got lost."""
        try:
            return TypeAdapter(shape).validate_json(self.body)
        except ValidationError:
            kind = self.headers.get("Content-Type", "nothing that is named")
            raise self.lost(f"{self.call} answered {self.status} with something unknown ({kind})") from None


class HttpClient:
    """Speaks to one service; made without an event loop, it connects when it is first used."""

    def __init__(
        self,
        service: str,
        options: HttpOptions,
        *,
        url: str = "",
        secrets: Sequence[Secret] = (),
        headers: Callable[[], Mapping[str, str]] = dict,
        account_lost: Collection[int] = frozenset({401}),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`service` opens each sentence; `url` is the base of paths; `headers` are asked for each request.

        `account_lost`: the statuses that say that the credentials are of no use, whatever is asked.
        """
        self._service = service
        self._options = options
        self._base = url.rstrip("/")
        self._secrets = secrets
        self._headers = headers
        self._account_lost = account_lost
        self._pace = Pace(options.requests_per_minute, now)
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] = (),
    ) -> Reply:
        """A call that can be made again without harm: a read, or a write that the service does only once.

        Statuses of success and those in `expect` are answered, all others raised. An answer that got lost is
        Transient.
        """
        url = self._url(path, query)
        return await self._call(_Call(method, url, body, {**(headers or {})}, expect, harmless))

    async def tell(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] = (),
    ) -> Reply:
        """A call that would be done twice if it was made twice: Uncertain where its answer got lost."""
        url = self._url(path, query)
        return await self._call(_Call(method, url, body, {**(headers or {})}, expect, unknown))

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _url(self, path: str, query: Mapping[str, str] | None) -> URL:
        url = URL(path if path.startswith(("http://", "https://")) else self._base + path, encoded=True)
        if self._base and url.origin() != URL(self._base).origin():
            raise Refused(f"{self._service} leads to another host ({url.host}), which is not asked")
        return url.update_query(query) if query else url

    async def _call(self, call: "_Call") -> Reply:
        if (silence := self._pace.silence) > 0:
            raise Transient(f"{self._service} wants to be left alone for a while", retry_after=silence)
        for _ in range(MAX_REDIRECTS + 1):
            await self._pace.turn()
            reply = await self._send(call)
            if reply.status not in _REDIRECTS or reply.status in call.expect:
                return self._judged(call, reply)
            call = self._redirected(call, reply)
        raise Refused(self._clean(f"{self._name(call)} goes round in redirects"))

    async def _send(self, call: "_Call") -> Reply:
        """One request and its answer, with no judgement of its status."""
        import aiohttp  # noqa: PLC0415 — a quarter of a second for those who ask a service

        name = self._name(call)
        try:
            session, headers = self._open(), {**self._headers(), **call.headers}
        except (LookupError, OSError) as error:
            raise AuthLost(f"{self._service}: {error}") from None
        content = None if call.body is None else call.body.content()
        if call.body is not None and call.body.media_type:
            headers.setdefault("Content-Type", call.body.media_type)
        try:
            async with session.request(
                call.method, call.url, data=content, headers=headers, allow_redirects=False
            ) as response:
                body = await read_whole(response, MAX_ANSWER)
        except aiohttp.ClientConnectorCertificateError as error:
            self._fail(Transient, f"{self._service} shows a certificate that is not trusted", error)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            self._fail(Transient, f"{self._service} cannot be reached", error)
        except aiohttp.InvalidURL as error:
            self._fail(Refused, f"{self._service} has no web address that can be asked", error)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._fail(call.lost, f"{name} was not answered to the end", error)
        if body is None:
            self._fail(_too_much(call.lost), f"{name} answered more than {MAX_ANSWER >> 20} MiB", None)
        return Reply(
            status=response.status,
            headers=response.headers,
            body=body,
            call=self._clean(name),
            lost=call.lost,
        )

    def _judged(self, call: "_Call", reply: Reply) -> Reply:
        if 200 <= reply.status < 300 or reply.status in call.expect:
            return reply
        wait = retry_after(reply.headers, reply.body, datetime.now(UTC))
        if reply.status in {429, 503} and wait is not None:
            self._pace.hush(wait)
        reason = reason_in(reply.body)
        sentence = f"{reply.call} answered {reply.status}{f': {reason}' if reason else ''}"
        if reply.status in self._account_lost:
            raise AuthLost(self._clean(f"{sentence}; renew the credentials of the space"))
        raise error_of(reply.status, self._clean(sentence), wait=wait, lost=call.lost)

    def _redirected(self, call: "_Call", reply: Reply) -> "_Call":
        """The same question at the place that the service names; refused where that is another host.

        Our credentials go with it, and a `tell` would be done at a place that nobody has configured.
        """
        there = call.url.join(URL(reply.headers.get("Location", "")))
        upgraded = (call.url.scheme, there.scheme) == ("http", "https")
        same = there.host == call.url.host and (there.origin() == call.url.origin() or upgraded)
        if not same or call.method not in {"GET", "HEAD"}:
            place = f"{there.scheme}://{there.host}" if there.host else "nowhere"
            raise Refused(
                f"{reply.call} redirects ({reply.status}) to {place}; if that is right, set it as address"
            )
        return _Call(call.method, there, call.body, call.headers, call.expect, call.lost)

    def _fail(self, kind: Lost, sentence: str, error: Exception | None) -> NoReturn:
        why = f": {_why(error)}" if error is not None else ""
        raise kind(self._clean(sentence + why)) from None

    def _name(self, call: "_Call") -> str:
        return f"{self._service}: {call.method} {call.url.path}"

    def _clean(self, sentence: str) -> str:
        secrets = []
        for secret in self._secrets:
            with contextlib.suppress(LookupError, OSError):
                secrets.append(secret.reveal())
        parts = [URL(each).path for each in secrets if each.startswith(("http://", "https://"))]
        return without_secrets(sentence, [*secrets, *(each for each in parts if each != "/")])

    def _open(self) -> "aiohttp.ClientSession":
        import aiohttp  # noqa: PLC0415 — as above

        if self._session is None:
            context = ssl.create_default_context()
            if self._options.ca_file is not None:
                context.load_verify_locations(cafile=self._options.ca_file)
            total = self._options.timeout
            self._session = aiohttp.ClientSession(
                # A kept connection may be closed just as we write: then nobody knows what was done.
                connector=aiohttp.TCPConnector(ssl=context, force_close=True),
                timeout=aiohttp.ClientTimeout(total=total, sock_connect=min(CONNECT_SECONDS, total)),
                headers={"User-Agent": "Unchain"},
                cookie_jar=aiohttp.CookieJar(unsafe=True),  # servers by address of their own network
            )
            # It would repeat PUT, DELETE and GET itself where the answer is cut; there is no public switch.
            self._session._retry_connection = False
        return self._session


@dataclass(frozen=True)
class _Call:
    """One request, and what it means when its answer gets lost."""

    method: str
    url: URL
    body: Body | None
    headers: dict[str, str]
    expect: Collection[int]
    lost: Lost


def _too_much(lost: Lost) -> Lost:
    """Asking again would be answered as lengthily again; what was told stays unknown."""
    return Refused if lost is harmless else lost


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    text = " ".join(str(error).split())[:200]
    return text or type(error).__name__
