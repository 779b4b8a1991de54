"""The one HTTP client, before a server that misbehaves: each failure is our error, and no secret shows."""

import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.bodies import Bytes, Form, Json, Upload
from connectors.http import HttpClient, HttpOptions, Shape, WebAddress
from connectors.http_errors import reason_in, retry_after
from domain.errors import AuthLost, ConnectorError, Refused, Transient, Uncertain
from domain.options import Secret
from domain.publication import File
from tests.connectors.rude_server import TLS, RudeServer, server_tls

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
PATIENT = HttpOptions(timeout=60, requests_per_minute=6000)
HASTY = HttpOptions(timeout=0.5, requests_per_minute=6000)


class Thing(Shape):
    name: str
    id: int


@pytest.fixture
async def server() -> AsyncIterator[RudeServer]:
    async with RudeServer().running() as server:
        yield server


@pytest.fixture
async def client(server: RudeServer) -> AsyncIterator[HttpClient]:
    client = HttpClient("Rude", PATIENT, url=server.url)
    yield client
    await client.aclose()


@pytest.fixture
async def hasty(server: RudeServer) -> AsyncIterator[HttpClient]:
    client = HttpClient("Rude", HASTY, url=server.url)
    yield client
    await client.aclose()


async def test_an_answer_is_read_as_the_shape_that_is_asked_for(client: HttpClient) -> None:
    reply = await client.ask("GET", "/thing", query={"q": "é&b"})
    assert reply.parse(Thing) == Thing(name="well-behaved", id=7)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, AuthLost),
        (403, Refused),
        (404, Refused),
        (408, Transient),
        (409, Refused),
        (410, Refused),
        (413, Refused),
        (423, Transient),
        (425, Transient),
        (429, Transient),
        (503, Transient),
        (304, Refused),
    ],
)
async def test_a_status_means_the_same_for_each_call(
    client: HttpClient, status: int, kind: type[ConnectorError]
) -> None:
    for call in (client.ask, client.tell):
        with pytest.raises(ConnectorError, match=f"Rude: POST /status/{status} answered {status}") as caught:
            await call("POST", f"/status/{status}")
        assert type(caught.value) is kind


@pytest.mark.parametrize("status", [500, 502, 504, 520])
async def test_a_broken_server_leaves_unknown_what_it_did(client: HttpClient, status: int) -> None:
    with pytest.raises(Transient):
        await client.ask("GET", f"/status/{status}")
    with pytest.raises(Uncertain, match="look before it is repeated"):
        await client.tell("POST", f"/status/{status}")


async def test_a_status_that_is_expected_is_an_answer(client: HttpClient) -> None:
    assert (await client.ask("GET", "/status/404", expect={404})).status == 404


@pytest.mark.parametrize("how", ["slow", "dripping", "truncated", "cut"])
async def test_an_answer_that_got_lost_is_transient_where_asked_and_uncertain_where_told(
    client: HttpClient, hasty: HttpClient, how: str
) -> None:
    caller = hasty if how in {"slow", "dripping"} else client
    with pytest.raises(Transient, match=f"Rude: GET /{how} was not answered to the end"):
        await caller.ask("GET", f"/{how}")
    with pytest.raises(Uncertain, match=f"Rude: POST /{how} was not answered to the end"):
        await caller.tell("POST", f"/{how}")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_nothing_is_asked_twice_by_itself(client: HttpClient, server: RudeServer, method: str) -> None:
    for number, (call, kind) in enumerate([(client.ask, Transient), (client.tell, Uncertain)], 1):
        with pytest.raises(kind):
            await call(method, "/cut")
        assert len(server.asked) == number


async def test_a_service_may_say_in_its_own_way_that_the_account_is_lost(server: RudeServer) -> None:
    client = HttpClient("Hook", PATIENT, url=server.url, account_lost={403})
    with pytest.raises(AuthLost, match="renew the credentials of the space"):
        await client.tell("POST", "/status/403")
    with pytest.raises(Refused):
        await client.tell("POST", "/status/401")
    await client.aclose()


@pytest.mark.parametrize("how", ["huge", "endless"])
async def test_an_answer_without_measure_is_not_read(client: HttpClient, how: str) -> None:
    with pytest.raises(Refused, match="answered more than 20 MiB"):
        await client.ask("GET", f"/{how}")
    with pytest.raises(Uncertain, match="answered more than 20 MiB"):
        await client.tell("POST", f"/{how}")


async def test_an_answer_of_another_kind_is_said_to_be_one(client: HttpClient) -> None:
    with pytest.raises(Transient, match=r"with something unknown \(text/html"):
        (await client.ask("GET", "/unparsable")).parse(Thing)
    with pytest.raises(Uncertain, match=r"with something unknown \(text/html"):
        (await client.tell("POST", "/unparsable")).parse(Thing)


async def test_nothing_was_sent_where_nobody_listens() -> None:
    with socket.socket() as taken:  # bound but not listening: refuses for as long as we hold it
        taken.bind(("127.0.0.1", 0))
        client = HttpClient("Away", PATIENT, url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        for call in (client.ask, client.tell):
            with pytest.raises(Transient, match="Away cannot be reached"):
                await call("POST", "/thing")
        await client.aclose()


async def test_a_host_that_has_no_address_is_not_reached() -> None:
    client = HttpClient("Nowhere", PATIENT, url="http://nowhere.invalid")
    with pytest.raises(Transient, match="Nowhere cannot be reached"):
        await client.tell("POST", "/thing")
    await client.aclose()


async def test_a_certificate_that_nobody_signed_is_not_trusted_and_nothing_is_sent() -> None:
    async with RudeServer().running(tls=server_tls()) as server:
        client = HttpClient("Own", PATIENT, url=server.url)
        with pytest.raises(Transient, match="Own shows a certificate that is not trusted"):
            await client.tell("POST", "/thing")
        await client.aclose()
        assert server.asked == []


async def test_a_certificate_of_an_own_authority_is_trusted_once_it_is_named() -> None:
    async with RudeServer().running(tls=server_tls()) as server:
        options = HttpOptions(ca_file=TLS / "localhost.crt")
        client = HttpClient("Own", options, url=server.url)
        assert (await client.ask("GET", "/thing")).parse(Thing).id == 7
        await client.aclose()


async def test_plain_text_where_tls_is_expected_is_not_reached(server: RudeServer) -> None:
    client = HttpClient("Plain", PATIENT, url=server.url.replace("http:", "https:"))
    with pytest.raises(Transient, match="Plain cannot be reached"):
        await client.tell("POST", "/thing")
    await client.aclose()


async def test_a_missing_certificate_file_is_for_the_admin() -> None:
    client = HttpClient("Own", HttpOptions(ca_file=Path("nowhere.pem")), url="https://localhost")
    with pytest.raises(AuthLost, match="No such file"):
        await client.ask("GET", "/")


async def test_a_read_follows_a_redirect_within_its_host(client: HttpClient, server: RudeServer) -> None:
    server.headers = {"Location": "/thing?x=1"}
    assert (await client.ask("GET", "/redirect/302")).parse(Thing).id == 7
    assert [path for _, path, _ in server.asked] == ["/redirect/302", "/thing?x=1"]


async def test_credentials_never_follow_a_redirect_to_another_host(server: RudeServer) -> None:
    async with RudeServer().running() as other:
        client = HttpClient(
            "Rude", PATIENT, url=server.url, headers=lambda: {"Authorization": "Bearer hush-hush"}
        )
        for place in (other.url, other.url.replace("127.0.0.1", "localhost"), "ftp://127.0.0.1/"):
            server.headers = {"Location": place + "/thing"}
            with pytest.raises(Refused, match=r"redirects \(302\) to"):
                await client.ask("GET", "/redirect/302")
        await client.aclose()
        assert other.asked == []
        assert {authorization for _, _, authorization in server.asked} == {"Bearer hush-hush"}


async def test_a_write_follows_no_redirect(client: HttpClient, server: RudeServer) -> None:
    server.headers = {"Location": "/thing"}
    for call in (client.ask, client.tell):
        with pytest.raises(Refused, match="set it as address"):
            await call("POST", "/redirect/307")
    assert len(server.asked) == 2


async def test_redirects_in_a_ring_end(client: HttpClient, server: RudeServer) -> None:
    server.headers = {"Location": "/redirect/302"}
    with pytest.raises(Refused, match="goes round in redirects"):
        await client.ask("GET", "/redirect/302")


async def test_an_address_on_another_host_is_not_asked(client: HttpClient) -> None:
    with pytest.raises(Refused, match=r"another host \(evil\.example\)"):
        await client.ask("GET", "https://evil.example/next-page")


async def test_no_secret_is_shown_in_any_form(
    server: RudeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOOK", f"{server.url}/cut/hooks-T0K3N")
    (tmp_path / "password").write_text("s3cret pass/word\nsecond line\n")
    secrets = [Secret(env="HOOK"), Secret(file=tmp_path / "password"), Secret(env="UNSET")]
    client = HttpClient("Hook", PATIENT, secrets=secrets)
    server.text = '{"error": "s3cret pass/word is wrong, so is s3cret%20pass%2Fword"}'

    with pytest.raises(Refused) as refused:
        await client.tell("POST", f"{server.url}/status/403")
    with pytest.raises(Uncertain) as lost:
        await client.tell("POST", Secret(env="HOOK").reveal())
    await client.aclose()

    assert str(refused.value) == "Hook: POST /status/403 answered 403: … is wrong, so is …"
    assert str(lost.value).startswith("Hook: POST … was not answered to the end")


async def test_a_secret_that_is_not_there_is_for_the_admin(server: RudeServer) -> None:
    def headers() -> dict[str, str]:
        return {"Authorization": f"Bearer {Secret(env='NOT_SET').reveal()}"}

    client = HttpClient("Rude", PATIENT, url=server.url, headers=headers)
    with pytest.raises(AuthLost, match="the environment variable NOT_SET is not set"):
        await client.tell("POST", "/thing")
    assert server.asked == []
    await client.aclose()


async def test_a_service_that_wants_silence_is_not_asked_until_it_is_over(server: RudeServer) -> None:
    clock = [1000.0]
    client = HttpClient("Rude", PATIENT, url=server.url, now=lambda: clock[0])
    server.headers = {"Retry-After": "90"}
    with pytest.raises(Transient) as caught:
        await client.tell("POST", "/status/429")
    assert caught.value.retry_after == 90
    clock[0] += 60
    with pytest.raises(Transient, match="left alone") as caught:
        await client.tell("POST", "/thing")
    assert caught.value.retry_after == pytest.approx(30)
    assert len(server.asked) == 1

    clock[0] += 31
    assert (await client.tell("POST", "/thing")).status == 200
    await client.aclose()


async def test_bodies_arrive_as_they_were_meant(client: HttpClient, server: RudeServer) -> None:
    file = File(name='a "b"\r\né.txt', media_type="text/plain", content=b"\x00\xff")
    await client.tell("POST", "/thing", body=Json({"text": "Œuvre \ud800"}))
    await client.tell("POST", "/thing", body=Form({"a": "1&2"}))
    await client.tell("POST", "/thing", body=Bytes(raw=b"\x00raw", media_type="image/png"))
    await client.tell("POST", "/thing", body=Upload({"field": "value"}, [("file", file)]))

    assert server.bodies[:3] == ['{"text":"Œuvre ?"}'.encode(), b"a=1%262", b"\x00raw"]
    assert b'name="field"\r\n' in server.bodies[3]
    assert "filename=\"a 'b'  é.txt\"".encode() in server.bodies[3]
    assert b"\r\n\r\n\x00\xff\r\n" in server.bodies[3]


def test_when_to_come_back_is_read_as_seconds_as_a_date_and_from_the_body() -> None:
    later = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
    assert retry_after({"Retry-After": "12"}, b"", NOW) == 12
    assert retry_after({"Retry-After": later}, b"", NOW) == 90
    assert retry_after({"Retry-After": format_datetime(NOW - timedelta(days=1))}, b"", NOW) == 0
    assert retry_after({}, b'{"retry_after_ms": 1500}', NOW) == 1.5
    for said in ("soon", "-5", "1e9", "99999999999999999999", ""):
        assert retry_after({"Retry-After": said}, b"[]", NOW) is None
    assert retry_after({}, b'{"retry_after_ms": NaN}', NOW) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": "no\\nsuch page"}', "no such page"),
        (b'{"errors": ["too short"]}', "too short"),
        (b'{"errors": [{"message": "too long"}]}', "too long"),
        (b'{"error": {"code": 7, "message": "no right"}}', "no right"),
        (b'{"errors": []}', ""),
        (b'{"error": {}}', ""),
        (b"invalid_token\n", "invalid_token"),
        (b"<html>secret page</html>", ""),
        (b'{"error": ', ""),
        (b'{"a":' * 5000, ""),
        (b"", ""),
    ],
)
def test_the_reason_that_a_service_gives_is_one_short_line(body: bytes, reason: str) -> None:
    assert reason_in(body) == reason
    assert len(reason_in(b'{"message": "%s"}' % (b"word " * 50_000))) <= 200


@pytest.mark.parametrize(
    "address", ["wiki.example.com", "ftp://a", "https://", "https://u:p@host", "https://host/#x", ""]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(WebAddress).validate_python(address)


def test_an_address_loses_its_last_slash() -> None:
    assert TypeAdapter(WebAddress).validate_python("https://host/wiki/") == "https://host/wiki"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Reset": "2026-03-09T08:19:00.000000Z", "X-RateLimit-Remaining": "0"}, 240),
        ({"RateLimit-Reset": "1773044160", "RateLimit-Remaining": "0"}, 60),  # seconds since 1970
        ({"RateLimit-Reset": "60"}, 60),
        ({"X-RateLimit-Reset": "2026-03-09T08:19:00Z", "X-RateLimit-Remaining": "12"}, None),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"Retry-After": "5", "X-RateLimit-Reset": "2026-03-09T08:19:00Z"}, 5),
    ],
)
def test_when_a_spent_budget_is_renewed_is_read(headers: dict[str, str], wait: float | None) -> None:
    assert retry_after(headers, b"", datetime(2026, 3, 9, 8, 15, tzinfo=UTC)) == wait
