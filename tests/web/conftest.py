"""A small company, and browsers of the people in and around it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from domain.mail import Address
from tests.web.world import World
from web.markdown import renderer
from web.page import Templates, load_templates

Browse = Callable[[Address | None], Awaitable[TestClient]]


@pytest.fixture(scope="session")
def templates() -> Mapping[str, Templates]:
    """The templates in every language, compiled once."""
    return load_templates(renderer())


@pytest.fixture
def world(tmp_path: Path, templates: Mapping[str, Templates]) -> World:
    """An empty company."""
    return World(tmp_path, templates=templates)


@pytest.fixture
async def browse(world: World) -> AsyncIterator[Browse]:
    """Opens the browser of a signed-in person, or with None of somebody who is not signed in."""
    clients: list[TestClient] = []

    async def open_browser(person: Address | None) -> TestClient:
        client = await world.client()
        clients.append(client)
        if person is not None:
            world.sign_in(client, person)
        return client

    yield open_browser
    for client in clients:
        await client.close()
    world.database.close()
