"""Around every page: headers, cookies, static files, health, and what is not there."""

import pytest

from tests.web.conftest import Browse
from tests.web.world import INES, ORGANISATION, World, heating


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing", "/healthz", "/static/unchain.css", "/wiki/x"])
async def test_every_answer_carries_the_strict_headers(browse: Browse, path: str) -> None:
    response = await (await browse(INES)).get(path)

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in policy


async def test_pages_are_not_kept_by_proxies_but_the_stylesheet_is(browse: Browse) -> None:
    client = await browse(INES)

    assert (await client.get("/")).headers["Cache-Control"] == "private, no-store"
    assert "max-age" in (await client.get("/static/unchain.css")).headers["Cache-Control"]


async def test_cookies_are_bound_to_the_host_over_tls(world: World, browse: Browse) -> None:
    world.organisation = ORGANISATION.model_copy(update={"url": "https://commons.example.com"})
    client = await browse(None)

    response = await client.get("/sign-in")

    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-unchain-form=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie
    assert "max-age" in response.headers["Strict-Transport-Security"]


async def test_no_page_asks_for_anything_from_elsewhere(world: World, browse: Browse) -> None:
    thread_id, path = world.move(heating(), "wiki")
    client = await browse(INES)

    for page in ("/", path, f"/thread/{thread_id}", "/preferences"):
        text = await (await client.get(page)).text()
        assert "<script" not in text
        assert 'src="http' not in text
        assert 'rel="stylesheet" href="http' not in text
    assert "url(" not in await (await client.get("/static/unchain.css")).text()


async def test_health_needs_no_sign_in_and_tells_when_the_database_is_gone(
    world: World, browse: Browse
) -> None:
    client = await browse(None)
    assert (await client.get("/healthz")).status == 200

    world.database.close()
    for path in world.folder.glob("unchain.db*"):
        path.write_bytes(b"this is no database" * 1000)

    assert (await client.get("/healthz")).status == 503


async def test_a_page_without_its_database_says_so_in_both_languages(world: World, browse: Browse) -> None:
    client = await browse(INES)
    world.database.close()
    for path in world.folder.glob("unchain.db*"):
        path.write_bytes(b"this is no database" * 1000)

    response = await client.get("/")

    text = await response.text()
    assert response.status == 503
    assert "try again soon" in text
    assert "Réessayez" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/nothing.css",
        "/static/%2e%2e/app.py",
        "/wiki/",
        "/wiki/a/b/c",
        "/admin/x",
    ],
)
async def test_there_is_nothing_else(browse: Browse, path: str) -> None:
    assert (await (await browse(INES)).get(path)).status == 404


async def test_a_wrong_method_is_answered_like_nothing_there(browse: Browse) -> None:
    client = await browse(INES)

    wrong = await client.delete("/preferences")

    assert (wrong.status, await wrong.read()) == (404, await (await client.get("/nothing")).read())


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "²", "1" * 50])
async def test_an_odd_page_number_is_no_error(browse: Browse, page: str) -> None:
    response = await (await browse(INES)).get("/space/wiki", params={"page": page})

    assert response.status == 200


async def test_a_long_list_comes_in_pages(world: World, browse: Browse) -> None:
    from tests.web.world import message

    for number in range(23):
        world.move([message(0, INES, "Words.", subject=f"Matter {number:02}")], "wiki")
    client = await browse(INES)

    first = await (await client.get("/space/wiki")).text()
    second = await (await client.get("/space/wiki?page=2")).text()

    assert (first.count('class="card '), second.count('class="card ')) == (20, 3)
    assert 'rel="next"' in first
    assert 'rel="next"' not in second
