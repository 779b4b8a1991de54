"""The pages in a real browser on a running installation: what people see and do, and what never shows."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.chromium import chromium, missing
from tests.unchain.conversation import TURNS
from tests.unchain.installation import wait_until
from tests.unchain.meeting_rooms import BLOG, TAKEN_BACK, WIKI, MeetingRooms
from tests.unchain.watched_browser import WatchedBrowser

pytestmark = pytest.mark.timeout(600)  # on a bare machine Chromium is installed first

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+")
OpenBrowser = Callable[..., WatchedBrowser]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    reason = missing()
    if reason:
        pytest.skip(reason)
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def installation(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeetingRooms]:
    running = MeetingRooms(tmp_path_factory.mktemp("installation"))
    try:
        running.begin()
        yield running
    finally:
        running.close()


@pytest.fixture
def open_browser(browser: Browser, installation: MeetingRooms) -> Iterator[OpenBrowser]:
    """Opens browsers; none may ask anything of another machine or complain of a page."""
    opened: list[WatchedBrowser] = []

    def open_one(email: str | None, locale: str = "en-GB") -> WatchedBrowser:
        opened.append(WatchedBrowser(browser, installation, email, locale=locale))
        return opened[-1]

    yield open_one
    for window in opened:
        window.close()
    assert [window.complaints for window in opened if window.complaints] == []
    assert set().union(*(window.hosts for window in opened)) <= {"127.0.0.1"}


def test_a_link_by_mail_leads_to_the_page_that_was_asked_for(
    installation: MeetingRooms, open_browser: OpenBrowser
) -> None:
    window, path = open_browser(None), installation.path(BLOG)
    assert window.goto(path).status == 404
    window.page.get_by_role("link", name="Sign in").click()
    window.page.get_by_label("Your work address").fill("cleo@acme.example")
    window.page.get_by_role("button", name="Send me a link").click()
    expect(window.page.get_by_role("status")).to_contain_text("a link is on its way")
    wait_until(lambda: bool(installation.sign_in_links("cleo@acme.example")), "a mail with the link")

    window.goto(installation.sign_in_links("cleo@acme.example")[0])
    window.page.get_by_role("button", name="Sign in").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text(BLOG)
    assert urlsplit(window.page.url).path == path


def test_a_page_tells_the_conversation_in_its_order_and_unfolds_what_was_quoted(
    installation: MeetingRooms, open_browser: OpenBrowser
) -> None:
    page = open_browser("dev@acme.example").page
    page.goto(installation.path(BLOG))

    told = page.locator("main").inner_text()
    places = [told.index(words[:60]) for _, words in TURNS]
    folded = page.locator("details.trimmed").last
    quote = folded.locator("pre")
    expect(quote).to_be_hidden()
    folded.locator("summary").click()

    assert places == sorted(places)
    expect(quote).to_be_visible()
    expect(quote).to_contain_text(TURNS[8][1][:60])


def test_an_answer_on_a_page_is_read_by_a_colleague(
    installation: MeetingRooms, open_browser: OpenBrowser
) -> None:
    path = installation.path(BLOG)
    page = open_browser("ana@acme.example").page
    page.goto(path)
    page.get_by_label("Your answer").fill("The sign hangs on the **second floor** now.")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator("article.utterance").last.locator("strong")).to_have_text("second floor")

    colleague = open_browser("eli@acme.example").page
    colleague.goto(path)

    expect(colleague.locator("article.utterance").last).to_contain_text(
        "The sign hangs on the second floor now."
    )


def test_a_wiki_page_is_edited_and_its_history_and_the_search_know_it(
    installation: MeetingRooms, open_browser: OpenBrowser
) -> None:
    page = open_browser("bob@acme.example").page
    page.goto(installation.path(WIKI))
    page.get_by_role("link", name="Edit").click()
    text = page.get_by_label("Text, in Markdown")
    text.fill(f"{text.input_value()}\n\nThe pergola outside needs no booking.")
    page.get_by_label("What you changed").fill("Added the pergola")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("article.sheet")).to_contain_text("The pergola outside needs no booking.")

    page.get_by_role("link", name="History").click()
    expect(page.locator("ol.revisions > li")).to_have_count(2)
    expect(page.locator("ol.revisions > li").first).to_contain_text("Added the pergola")
    page.get_by_role("link", name="Version 2").click()
    expect(page.locator(".difference ins").last).to_contain_text("The pergola outside needs no booking.")

    page.get_by_role("searchbox", name="Search").fill("pergola")
    page.keyboard.press("Enter")
    expect(page.locator("article.card")).to_have_count(1)
    page.get_by_role("link", name=WIKI).click()
    assert urlsplit(page.url).path == installation.path(WIKI)


def test_a_conversation_tells_why_it_moved(installation: MeetingRooms, open_browser: OpenBrowser) -> None:
    page = open_browser("cleo@acme.example").page
    page.goto(installation.path(BLOG))

    page.get_by_role("link", name="Why it is here").click()

    expect(page.get_by_role("region", name="Why")).to_contain_text("Chains of several people")
    missed = page.locator(".trail > li.failed", has_text="Questions become pages")
    expect(missed.get_by_text("No subject holds")).to_be_hidden()
    missed.locator("> details > summary").click()
    missed.locator("details details > summary").click()
    expect(missed.get_by_text("No subject holds")).to_be_visible()


def test_a_participant_takes_a_conversation_back_and_it_is_gone_for_the_others(
    installation: MeetingRooms, open_browser: OpenBrowser
) -> None:
    path = installation.path(TAKEN_BACK)
    participant, colleague = open_browser("ana@acme.example"), open_browser("eli@acme.example")
    assert colleague.goto(path).status == 200
    participant.goto(path)
    participant.page.get_by_role("link", name="Why it is here").click()

    participant.page.get_by_role("button", name="Take it back into the mail").click()

    wait_until(lambda: colleague.goto(path).status == 404, "the page gone")
    colleague.goto("/")
    expect(colleague.page.get_by_role("link", name=BLOG)).to_be_visible()
    expect(colleague.page.get_by_role("link", name=TAKEN_BACK)).to_have_count(0)
    participant.page.reload()
    expect(participant.page.locator("main")).to_contain_text("Somebody in it wants to keep it there")
    expect(participant.page.locator("article.utterance")).to_have_count(10)


def test_who_has_not_signed_in_gets_the_answer_of_there_being_nothing(
    installation: MeetingRooms, open_browser: OpenBrowser
) -> None:
    outsider = open_browser(None)
    private = installation.private_thread()
    paths = ("/blog/nothing-at-all", installation.path(BLOG), private, "/admin")
    answers = [answer_to(outsider, path) for path in paths]
    assert [status for status, _ in answers] == [404] * 4
    assert len(set(answers)) == 1


def test_a_colleague_gets_the_answer_of_there_being_nothing_for_what_two_others_wrote(
    installation: MeetingRooms, open_browser: OpenBrowser
) -> None:
    private = installation.private_thread()
    assert open_browser("bob@acme.example").goto(private).status == 200
    colleague = open_browser("dev@acme.example")
    assert answer_to(colleague, private) == answer_to(colleague, "/thread/nothing-at-all")


def answer_to(window: WatchedBrowser, path: str) -> tuple[int, bytes]:
    response = window.goto(path)
    return response.status, response.body()


@pytest.mark.parametrize("email", ["ana@acme.example", "root@acme.example"])
def test_no_page_shows_an_address_or_is_wider_than_a_telephone(open_browser: OpenBrowser, email: str) -> None:
    page = open_browser(email).page
    page.set_viewport_size({"width": 320, "height": 640})
    waiting, seen = ["/", "/preferences"], set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert "@" not in page.locator("body").inner_text(), path
        assert ADDRESS.search(page.content()) is None, path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        waiting += links_on(page)
    assert len(seen) > 15


def links_on(page: Page) -> list[str]:
    """The paths of all links, without their anchors."""
    found: list[str] = page.eval_on_selector_all(
        "a[href]", "links => links.map(link => link.pathname + link.search)"
    )
    return found


def test_the_pages_speak_the_language_of_the_browser(open_browser: OpenBrowser) -> None:
    page = open_browser(None, locale="fr-FR").page
    page.goto("/sign-in")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("button", name="Recevoir un lien")).to_be_visible()


def test_the_skip_link_shows_at_the_first_tab_and_leads_to_the_content(open_browser: OpenBrowser) -> None:
    page = open_browser("ana@acme.example").page
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)

    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_whatever_the_keyboard_reaches_is_seen_to_have_the_focus(
    installation: MeetingRooms, open_browser: OpenBrowser
) -> None:
    page = open_browser("ana@acme.example").page
    page.goto(installation.path(WIKI))
    reached = 0
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement !== document.body"):
        assert page.evaluate(FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML")
        reached += 1
        page.keyboard.press("Tab")
    assert reached > 20


FOCUS_IS_SEEN = """async () => {
    await new Promise(requestAnimationFrame);  // the browser scrolls to what has the focus
    const focused = document.activeElement;
    const style = getComputedStyle(focused), box = focused.getBoundingClientRect();
    const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return isOutlined && box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0;
}"""


def test_folded_quotes_and_the_menu_open_by_keyboard(
    installation: MeetingRooms, open_browser: OpenBrowser
) -> None:
    page = open_browser("dev@acme.example").page
    page.goto(installation.path(BLOG))
    folded = page.locator("details.trimmed").last
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(folded.locator("pre")).to_be_visible()

    page.get_by_label("Your menu").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.goto(installation.path(BLOG)).status == 404


def test_a_request_to_another_machine_would_be_stopped_and_seen(
    browser: Browser, installation: MeetingRooms
) -> None:
    with WatchedBrowser(browser, installation, None) as window:
        window.goto("/sign-in")
        with window.page.expect_console_message():
            window.page.evaluate(
                "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.2/x'}))"
            )
        assert any("Content Security Policy" in complaint for complaint in window.complaints)
