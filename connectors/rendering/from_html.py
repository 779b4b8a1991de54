"""The words of HTML that people wrote in a service: an answer, a comment. Only lines stay of its layout."""

import re
from html.parser import HTMLParser

LONGEST = 200_000  # characters of one answer; more is a page, not an answer
_APART = frozenset({"p", "ul", "ol", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _APART | {"div", "br", "li", "tr", "hr"}
_UNSEEN = frozenset({"script", "style", "template", "head", "ac:parameter"})
_BLANKS = re.compile(r"[ \t]+")
_GAPS = re.compile(r"\n{3,}")


def text_of_html(html: str) -> str:
    """The words of HTML, or of Confluence's storage format, as plain text with a line for each block."""
    reader = _Reader(convert_charrefs=True)
    reader.feed(html[:LONGEST])
    reader.close()
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(reader.pieces).split("\n"))
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    """Gathers words; what is opened and never closed does no harm."""

    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.pieces.append("\n\n" if tag in _APART else "\n")
        if tag == "li":
            self.pieces.append("- ")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        if tag in _APART:
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data.replace("\n", " "))

    def unknown_decl(self, data: str) -> None:
        if data.startswith("CDATA[") and not self._unseen:
            self.pieces.append(data.removeprefix("CDATA["))
