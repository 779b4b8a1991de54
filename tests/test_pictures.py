"""The pictures of the documentation: what pages show is there, what is there is shown, and all are small."""

import re
import struct
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PICTURES = sorted((ROOT / "docs" / "screenshots").glob("*.png"))
SHOWN = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def shown_on(page: Path) -> list[Path]:
    return [(page.parent / name).resolve() for name in SHOWN.findall(page.read_text(encoding="utf-8"))]


def test_every_picture_that_a_page_shows_is_there() -> None:
    assert [path for page in PAGES for path in shown_on(page) if not path.is_file()] == []


def test_every_picture_is_shown_beside_what_it_shows() -> None:
    assert sorted(shown_on(ROOT / "docs" / "screenshots" / "README.md")) == PICTURES
    assert len(PICTURES) >= 7


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_small_and_as_wide_as_a_desk_or_a_telephone(picture: Path) -> None:
    content = picture.read_bytes()
    width, _ = struct.unpack(">II", content[16:24])  # of the IHDR chunk, which is the first (PNG, 11.2.1)
    assert len(content) < 300_000
    assert width in {1280, 390}
