"""The basics of WCAG 2.2 AA that a machine can check: names, landmarks, languages, order, contrast."""

import asyncio
import re
from itertools import pairwise
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.web.world import ADMIN, World, heating, message
from web import page as web_page

STYLESHEET = (Path(web_page.__file__).parent / "static" / "unchain.css").read_text(encoding="utf-8")
PAIRS = [  # text on background
    ("ink", "paper"),
    ("ink", "sheet"),
    ("ink", "code"),
    ("ink", "good-soft"),
    ("ink", "bad-soft"),
    ("soft", "paper"),
    ("soft", "sheet"),
    ("soft", "code"),
    ("soft", "accent-soft"),
    ("accent", "paper"),
    ("accent", "sheet"),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-deep"),
    ("accent-deep", "accent-soft"),
    ("warm", "sheet"),
    ("warm", "warm-soft"),
    ("bad", "bad-soft"),
]
PAGES = [
    "/",
    "/wiki/heating",
    "/blog/news-of-the-house",
    "/wiki/heating/edit",
    "/wiki/heating/history",
    "/wiki/heating/history/1",
    "/space/wiki",
    "/space/stream/new",
    "/search?q=boiler",
    "/preferences",
    "/admin",
    "/nothing",
    "/sign-in",
]


Pages = dict[str, LexborHTMLParser]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """Every page of PAGES, parsed."""
    return asyncio.run(_fetch(World(tmp_path_factory.mktemp("company"))))


async def _fetch(world: World) -> Pages:
    world.move(heating(), "wiki")
    world.move([message(0, ADMIN, "Warm again.", subject="News of the house")], "news")
    signed_in, nobody = await world.client(), await world.client()
    world.sign_in(signed_in, ADMIN)
    found = {}
    for path in PAGES:
        client = nobody if path == "/sign-in" else signed_in
        found[path] = LexborHTMLParser(await (await client.get(path)).text())
    await signed_in.close()
    await nobody.close()
    world.database.close()
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_title_its_landmarks_and_its_language(pages: Pages, path: str) -> None:
    page = pages[path]

    assert page.css_first("html").attributes["lang"] == "en"
    assert page.css_first("title").text().strip()
    assert [len(page.css(tag)) for tag in ("h1", "main", "body > header", "body > footer")] == [1, 1, 1, 1]
    assert page.css_first("a.skip").attributes["href"] == "#content"
    assert page.css_first("main#content") is not None


@pytest.mark.parametrize("path", PAGES)
def test_headings_go_down_one_level_at_a_time(pages: Pages, path: str) -> None:
    levels = [int((node.tag or "h0")[1]) for node in pages[path].css("h1, h2, h3, h4, h5, h6")]

    for before, after in pairwise(levels):
        assert after <= before + 1, levels


@pytest.mark.parametrize("path", PAGES)
def test_every_field_link_and_button_has_a_name(pages: Pages, path: str) -> None:
    page = pages[path]

    for node in page.css("input:not([type=hidden]), textarea, select"):
        labels = page.css(f"label[for={node.id}]") if node.id else []
        assert labels or _inside_label(node), node.html
    for node in page.css("a, button, summary"):
        assert node.text(strip=True) or node.attributes.get("aria-label"), node.html
    for node in page.css("img"):
        assert "alt" in node.attributes
    for node in page.css("svg"):
        assert node.attributes["aria-hidden"] == "true"


@pytest.mark.parametrize("path", PAGES)
def test_no_id_stands_twice_and_every_reference_leads_somewhere(pages: Pages, path: str) -> None:
    page = pages[path]
    ids = [node.id for node in page.css("[id]")]

    assert len(ids) == len(set(ids))
    for attribute in ("aria-labelledby", "aria-describedby", "for"):
        for node in page.css(f"[{attribute}]"):
            assert node.attributes[attribute] in ids, node.html


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "background"), PAIRS)
def test_colours_have_the_contrast_that_reading_needs(scheme: str, text: str, background: str) -> None:
    colours = _colours(scheme)

    assert _contrast(colours[text], colours[background]) >= 4.5  # WCAG 1.4.3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_fields_and_the_focus_can_be_seen(scheme: str) -> None:
    colours = _colours(scheme)

    for edge in ("line-strong", "accent"):
        for background in ("paper", "sheet"):
            assert _contrast(colours[edge], colours[background]) >= 3.0  # WCAG 1.4.11


def test_initials_can_be_read_in_both_schemes() -> None:
    pairs = re.findall(r"--h-back: (#[0-9a-f]{6}); --h-ink: (#[0-9a-f]{6})", STYLESHEET)

    assert len(pairs) == 2 * web_page.HUES
    for back, ink in pairs:
        assert _contrast(ink, back) >= 4.5


def test_the_focus_is_shown_and_motion_is_asked_for() -> None:
    assert ":focus-visible { outline: 3px solid var(--accent)" in STYLESHEET
    assert "prefers-reduced-motion" in STYLESHEET


def _inside_label(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag == "label":
            return True
        parent = parent.parent
    return False


def _colours(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", STYLESHEET, flags=re.DOTALL)[:2]
    block = light if scheme == "light" else light + dark
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    assert colours
    return colours


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
