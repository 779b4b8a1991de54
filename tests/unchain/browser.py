"""A reader of the pages: signs in with a link, as people do, and fetches pages."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from store import people_sign_in
from tests.unchain.installation import RealInstallation
from web.visitor import SESSION_COOKIE


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server said."""

    status: int
    text: str


class Visitor:
    """A browser without JavaScript; `email` None is somebody who has not signed in."""

    def __init__(self, installation: RealInstallation, email: str | None) -> None:
        self._jar = CookieJar()
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(self._jar))
        if email is not None:
            self._sign_in(installation, email)

    def _sign_in(self, installation: RealInstallation, email: str) -> None:
        database = installation.database()
        with database.write() as session:
            cookie = people_sign_in.begin(session, email, at=datetime.now(UTC))
        database.close()
        self._opener.addheaders = [("Cookie", f"{SESSION_COOKIE}={cookie}")]

    def get(self, url: str) -> Answer:
        """Fetch a page."""
        try:
            with self._opener.open(url, timeout=60) as response:
                return Answer(status=response.status, text=response.read().decode())
        except HTTPError as error:
            return Answer(status=error.code, text=error.read().decode())
