"""A small company, and browsers of the people in and around it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from domain.mail import Address
from tests.web.world import World

Browse = Callable[[Address | None], Awaitable[TestClient]]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty company."""
    return World(tmp_path)


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
