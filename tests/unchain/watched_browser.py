"""A person at a real browser, all of whose requests and complaints are written down."""

from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, WebError

from store import people_sign_in
from tests.unchain.installation import DEADLINE, RealInstallation
from web.visitor import SESSION_COOKIE

# What Chromium says of any 404; that of a picture or a stylesheet is noted from its answer.
_OF_A_STATUS = "Failed to load resource: the server responded with a status of 404"


class WatchedBrowser:
    """A browser window of its own cookies; `email` None is somebody who has not signed in."""

    def __init__(
        self, browser: Browser, installation: RealInstallation, email: str | None, *, locale: str = "en-GB"
    ) -> None:
        self.requests: list[str] = []  # addresses asked for
        self.complaints: list[str] = []  # of the console, and requests that came to nothing
        self._context = browser.new_context(base_url=installation.url, locale=locale, reduced_motion="reduce")
        self._context.set_default_timeout(DEADLINE * 1000)
        self._watch()
        if email is not None:
            cookie = _session(installation, email)
            self._context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": installation.url}])
        self.page: Page = self._context.new_page()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget everything but what was written down."""
        self._context.close()

    @property
    def hosts(self) -> set[str | None]:
        """The machines that were asked for anything."""
        return {urlsplit(address).hostname for address in self.requests}

    def goto(self, address: str) -> Response:
        """Open a page and return the server's answer."""
        response = self.page.goto(address)
        assert response is not None
        return response

    def _watch(self) -> None:
        self._context.on("request", self._note_request)
        self._context.on("requestfailed", self._note_failure)
        self._context.on("response", self._note_response)
        self._context.on("console", self._note_console)
        self._context.on("weberror", self._note_error)

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the person went on before it was there
            self.complaints.append(f"{request.url}: {request.failure}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.complaints.append(f"{response.url}: {response.status}")

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_OF_A_STATUS):
            self.complaints.append(message.text)

    def _note_error(self, error: WebError) -> None:
        self.complaints.append(str(error.error))


def _session(installation: RealInstallation, email: str) -> str:
    database = installation.database()
    with database.write() as session:
        cookie = people_sign_in.begin(session, email, at=datetime.now(UTC))
    database.close()
    return cookie
