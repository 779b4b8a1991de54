"""Real servers as fixtures: each starts once for all tests that ask for it; skipped where not to be had."""

from collections.abc import Callable, Iterator

import pytest

from tests.servers import dokuwiki as dokuwiki_server
from tests.servers import mastodon_mock as mastodon_server
from tests.servers import mediawiki as mediawiki_server
from tests.servers import synapse as synapse_server
from tests.servers.dokuwiki import DokuWiki
from tests.servers.mastodon_mock import MastodonMock
from tests.servers.mediawiki import MediaWiki
from tests.servers.synapse import Synapse


def _or_skip(missing: Callable[[], str]) -> None:
    """Skip where there is a reason; with CI=true a skipped test fails the run (tests/conftest.py)."""
    reason = missing()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def running_mediawiki() -> Iterator[MediaWiki]:
    """A MediaWiki that all tests share; ask for `mediawiki`."""
    _or_skip(mediawiki_server.missing)
    with mediawiki_server.mediawiki() as wiki:
        yield wiki


@pytest.fixture
def mediawiki(running_mediawiki: MediaWiki) -> MediaWiki:
    """An empty MediaWiki."""
    running_mediawiki.reset()
    return running_mediawiki


@pytest.fixture(scope="session")
def running_dokuwiki() -> Iterator[DokuWiki]:
    """A DokuWiki that all tests share; ask for `dokuwiki`."""
    _or_skip(dokuwiki_server.missing)
    with dokuwiki_server.dokuwiki() as wiki:
        yield wiki


@pytest.fixture
def dokuwiki(running_dokuwiki: DokuWiki) -> DokuWiki:
    """An empty DokuWiki."""
    running_dokuwiki.reset()
    return running_dokuwiki


@pytest.fixture(scope="session")
def synapse() -> Iterator[Synapse]:
    """A Matrix homeserver that all tests share: let each make rooms of its own."""
    _or_skip(synapse_server.missing)
    with synapse_server.synapse() as server:
        yield server


@pytest.fixture(scope="session")
def running_mastodon_mock() -> Iterator[MastodonMock]:
    """An imitation of Mastodon that all tests share; ask for `mastodon_mock`."""
    _or_skip(mastodon_server.missing)
    with mastodon_server.mastodon_mock() as server:
        yield server


@pytest.fixture
def mastodon_mock(running_mastodon_mock: MastodonMock) -> MastodonMock:
    """An imitation of Mastodon without posts."""
    running_mastodon_mock.reset()
    return running_mastodon_mock
