"""Takes the pictures of the documentation: runs the demo in a temporary folder and photographs its pages.

    .venv/bin/python -m docs.screenshots.take

What moves depends on the classifier, so each picture names the conversations that would suit it, best first.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, ViewportSize

from domain.errors import UnchainError
from store import people_sign_in
from tests.servers.chromium import chromium, missing
from unchain.demo.feeder import digest
from unchain.demo.outcome import gather
from unchain.demo.run import Demo
from unchain.demo.verdict import DecidedThread
from web.visitor import SESSION_COOKIE

FOLDER = Path(__file__).parent
DESK: ViewportSize = {
    "width": 1280,
    "height": 1250,
}  # pixels; a picture is lower where its page is, or can end well
SCREEN: ViewportSize = {"width": 1280, "height": 720}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
QUEBEC = "EST5EDT,M3.2.0,M11.1.0"  # where the company's clocks are (POSIX TZ)
WIKI = (
    "dealer-discount-code",
    "vpn-hotel",
    "label-printer",
    "epoxy-cold",
    "backup-restore",
    "onboarding-laptop",
)
BLOG = ("bois-pagaies", "horaire-ete", "compost", "velos-vestiaire", "reunions-courtes", "nom-nouveau-kayak")
THREAD = ("canoe-colour", "warranty-years", "booking-tool", "commit-style", "return-to-office")


@dataclass(frozen=True, kw_only=True)
class Studio:
    """A demo that has come to its end, and a browser to look at it."""

    demo: Demo
    browser: Browser
    threads: dict[str, DecidedThread]  # by the id of their script; only those that moved

    @property
    def base(self) -> str:
        """The address of the pages."""
        return self.demo.installation.config.organisation.url

    def first(self, wanted: Sequence[str], space: str) -> tuple[str, DecidedThread]:
        """The first of the conversations that stands in a space, else any that does, by the script's id."""
        standing = {key: one for key, one in self.threads.items() if one.space == space}
        key = next((key for key in (*wanted, *standing) if key in standing), None)
        if key is None:
            raise UnchainError(f"nothing moved to {space}, so there is nothing to show of it")
        return key, standing[key]


def main() -> int:
    """Take all pictures; returns the exit code."""
    reason = missing()
    if reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    os.environ["TZ"] = QUEBEC
    time.tzset()
    with tempfile.TemporaryDirectory(prefix="unchain-pictures-") as folder:
        asyncio.run(_run(Path(folder)))
    return 0


async def _run(folder: Path) -> None:
    demo = Demo(folder)
    try:
        await demo.start()
        await demo.feed(lambda _: None)
        await asyncio.to_thread(_photograph, demo)
    finally:
        await demo.close()


def _photograph(demo: Demo) -> None:
    decided = gather(demo).decided
    scripts = {digest(mail): mail.thread for mail in demo.mails}
    moved = {scripts[one]: thread for thread in decided if thread.space for one in thread.digests}
    with chromium() as browser:
        studio = Studio(demo=demo, browser=browser, threads=moved)
        for name, page in _pages(studio):
            _save(page, name)
            page.close()


def _pages(studio: Studio) -> Iterator[tuple[str, Page]]:
    """Each picture's name with its page, as one of the people sees it."""
    english, french = _reader(studio, "en"), _reader(studio, "fr")
    admin = studio.demo.installation.config.organisation.admins[0]
    wiki, blog = studio.first(WIKI, "wiki")[1].url, studio.first(BLOG, "blog")[1].url
    yield "sign-in", _open(studio, "/sign-in", None, "en", size=SCREEN)
    yield "home", _open(studio, "/", english, "en")
    yield "wiki", _open(studio, wiki, english, "en")
    yield "wiki-dark", _open(studio, wiki, english, "en", scheme="dark")
    yield "blog", _open(studio, blog, french, "fr")
    yield "blog-mobile", _open(studio, blog, french, "fr", size=TELEPHONE)
    yield "stream", _open(studio, "/space/stream", french, "fr")
    yield "thread", _thread(studio)
    yield "redirect", _redirect(studio)
    yield "console", _open(studio, "/admin", admin, "en")


def _reader(studio: Studio, language: str) -> str:
    return next(one.email for one in studio.demo.company.staff if one.language == language)


def _open(
    studio: Studio,
    address: str | None,
    email: str | None,
    language: str,
    *,
    size: ViewportSize = DESK,
    scheme: Literal["light", "dark"] = "light",
) -> Page:
    page = studio.browser.new_page(
        base_url=studio.base, viewport=size, color_scheme=scheme, locale=f"{language}-CA"
    )
    if email is not None:
        with studio.demo.database.write() as session:
            cookie = people_sign_in.begin(session, email, at=datetime.now(UTC))
        page.context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": studio.base}])
    page.goto(urlsplit(address or "/")._replace(scheme="", netloc="").geturl())
    return page


def _thread(studio: Studio) -> Page:
    """A conversation as one who was in it sees it, with the shortest quote of its first mails unfolded."""
    key, thread = studio.first(THREAD, "blog")
    starter = next(script.mails[0].by for script in studio.demo.company.threads if script.id == key)
    page = _open(studio, thread.url, studio.demo.company.person(starter).email, "en")
    page.locator(".actions a[href^='/thread/']").click()
    folded = page.locator("details.trimmed", has=page.locator("pre", has_text=">")).all()[:3]
    shortest = min(folded, key=lambda quote: len(quote.locator("pre").text_content() or ""))
    shortest.locator("summary").click()
    page.evaluate("scrollTo(0, 0); document.activeElement.blur()")
    return page


def _redirect(studio: Studio) -> Page:
    """The mail that the people of a French conversation got, as a mail program shows it."""
    url = studio.first(BLOG, "blog")[1].url or ""
    mails = (message_from_bytes(mail.content, policy=policy.default) for mail in studio.demo.sink.mails())
    replies = (mail for mail in mails if mail["Auto-Submitted"] == "auto-replied")
    mail = next(mail for mail in replies if url in _body(mail, "plain"))
    sender = mail["From"].addresses[0]
    page = studio.browser.new_page(viewport=DESK)
    page.set_content(
        _MAIL_PROGRAM.format(
            subject=escape(str(mail["Subject"])),
            sender=escape(f"{sender.display_name} <{sender.addr_spec}>"),
            to=escape(str(mail["To"])),
            date=escape(str(mail["Date"])),
            body=escape(_body(mail, "html")),
        )
    )
    letter = page.frame_locator("iframe").locator("html")
    height = letter.evaluate("page => page.scrollHeight")
    page.locator("iframe").evaluate("(frame, height) => { frame.style.height = `${height}px` }", height)
    return page


def _body(mail: EmailMessage, form: str) -> str:
    body = mail.get_body((form,))
    return "" if body is None else str(body.get_content())


_MAIL_PROGRAM = """
<!doctype html>
<style>
body {{ font: 16px/1.5 sans-serif; background: #e9ebea; padding: 32px; margin: 0 }}
main {{ background: white; max-width: 760px; margin: auto; padding: 20px 32px; border-radius: 8px }}
h1 {{ font-size: 22px; margin: 12px 0 }}
dl {{ display: grid; grid-template-columns: 60px 1fr; padding-bottom: 16px; border-bottom: 1px solid #ccc }}
dt {{ color: #666 }}
dd {{ margin: 0 }}
iframe {{ width: 100%; border: 0 }}
</style>
<main>
<h1>{subject}</h1>
<dl><dt>From</dt><dd>{sender}</dd><dt>To</dt><dd>{to}</dd><dt>Date</dt><dd>{date}</dd></dl>
<iframe srcdoc="{body}"></iframe>
</main>
"""


def _save(page: Page, name: str) -> None:
    size = page.viewport_size or DESK
    page.set_viewport_size({"width": size["width"], "height": page.evaluate(_BEST_HEIGHT, size["height"])})
    page.screenshot(path=FOLDER / f"{name}.png")


# The whole page, or as much as ends below a mail, a card or a row of a table and all that stands beside.
_BEST_HEIGHT = """tallest => {
    const whole = Math.ceil(document.body.scrollHeight);
    if (whole <= tallest || innerWidth < 600) return Math.min(whole, tallest);
    const end = piece => Math.floor(piece.getBoundingClientRect().bottom) + (piece.matches('.card') ? 8 : -1);
    const pieces = [...document.querySelectorAll('.utterance, .card, article.sheet, tbody tr, aside')];
    const best = Math.max(...pieces.map(end).filter(bottom => bottom <= tallest));
    return best > tallest * 0.8 ? best : tallest;
}"""


if __name__ == "__main__":
    sys.exit(main())
