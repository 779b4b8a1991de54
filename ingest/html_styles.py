"""Reads what an HTML element's style and attributes say of how its text is shown; not whose text it is."""

import re
from collections.abc import Mapping

MAX_STYLE = 2_000  # characters of a style that are read
MAX_LEVEL = 9  # of a list in Word
MAX_HEAD = 20_000

_HIDING = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|(?:^|;)opacity:0(?:\.0+)?(?:;|!|$)"
    r"|font-size:[01](?:px)?(?:;|!|$)|font-size:0(?:pt|em|rem|%)(?:;|!|$)|max-height:0(?:px)?(?:;|!|$)"
    r"|(?:^|;)color:transparent(?:;|!|$)"
)
_NO_HEIGHT = re.compile(r"(?:^|;)(?:height|width):0(?:px)?(?:;|!|$)")
_COLOUR = re.compile(r"(?:^|;)color:([^;!]{1,40})")
_GROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]{1,40})")
_MARGIN = re.compile(r"(?<![\w-])margin(-top|-bottom|)\s{0,4}:\s{0,4}([^;!]{0,60})")
_LENGTH = re.compile(r"\d{1,6}(?:\.\d{0,6})?|\.\d{1,6}")
_RULE_OF_P = re.compile(r"[pP]\s{0,8}\{[^{}]{0,90}")
_NO_MARGIN = re.compile(r"[\s;{]margin(?:-top)?\s{0,4}:\s{0,4}0", re.IGNORECASE)
_NAMING = (".", "#", "-", "_")  # before a p that is part of a longer name
_KEYWORDS = {"inherit", "initial", "unset", "revert", "currentcolor", "windowtext", "auto"}
_WHITE = {"#fff", "#ffffff", "white", "rgb(255,255,255)", "rgba(255,255,255,1)"}
_UNPAINTED = _WHITE | {"transparent", "none", "inherit", "initial", "unset", "rgba(0,0,0,0)"}
_BORDERED = re.compile(r"(?:^|;)border:(?!none|0|medium|inherit|initial|unset)")
_KEEPS_BLANKS = re.compile(r"white-space(?:-collapse)?:(?:pre|break-spaces)")
_WORD_LIST = re.compile(r"mso-list:\w{1,8}level([1-9])")
_GRID_CLASS = re.compile(r"msotablegrid|bordered|dataframe|confluencetable|\bgrid\b|xl\d\d")
_WINGDINGS = re.compile(r"font-family:[\"']?wingdings(?![ \d]*[23])")


def compact(style: str) -> str:
    """A style in lower case without any blanks, as the patterns here and in html_quotes want it."""
    return "".join(style[:MAX_STYLE].lower().split())


def is_hidden(attributes: Mapping[str, str], style: str) -> bool:
    """Whether an element is not shown: preview texts, tracking, what Word keeps for itself."""
    if "hidden" in attributes:
        return True
    if not style:
        return False
    if _HIDING.search(style) is not None or ("overflow:hidden" in style and _NO_HEIGHT.search(style)):
        return True
    ground = _GROUND.search(style)
    colour = _COLOUR.search(style) if ground is not None else None
    if ground is None or colour is None or colour[1] in _KEYWORDS or colour[1].startswith("var("):
        return False
    return _shade(ground[1]) == _shade(colour[1])


def is_boxed(style: str) -> bool:
    """Whether a frame or a painted ground sets an element apart from the text around it, as warnings are."""
    ground = _GROUND.search(style)
    return _BORDERED.search(style) is not None or (ground is not None and ground[1] not in _UNPAINTED)


def keeps_blanks(style: str) -> bool:
    """Whether blanks and line ends are shown as they stand, as in a <pre>."""
    return _KEEPS_BLANKS.search(style) is not None


def has_no_margin(attributes: Mapping[str, str]) -> bool:
    """Whether a paragraph is a mere line: Outlook makes a paragraph of each."""
    above: str | None = None
    below: str | None = None
    for match in _MARGIN.finditer(attributes.get("style", "")[:MAX_STYLE].lower()):
        sides = match[2].split() or [""]
        if match[1] != "-bottom":
            above = sides[0]
        if match[1] != "-top":
            below = sides[2] if len(sides) > 2 and not match[1] else sides[0]
    if "mso" in attributes.get("class", "").lower():
        return below is None or _is_zero(below)
    return above is not None and _is_zero(above) and (below is None or _is_zero(below))


def _is_zero(length: str) -> bool:
    """Whether a length is nothing or next to it: Word writes .0001pt."""
    number = _LENGTH.match(length)
    return number is not None and float(number.group()) < 0.01


def head_has_tight_paragraphs(html: str) -> bool:
    """Whether the style in a mail's head takes the margins from all paragraphs, as webmail's does."""
    end = max(html.find("</head", 0, MAX_HEAD), html.find("</HEAD", 0, MAX_HEAD))
    for match in _RULE_OF_P.finditer(html, 0, max(0, end)):
        before = html[match.start() - 1 : match.start()]
        if not (before.isalnum() or before in _NAMING) and _NO_MARGIN.search(match.group()):
            return True
    return False


def word_list_level(style: str) -> int:
    """How deep in a list of Word a paragraph stands, from 1; 0 for no list."""
    match = _WORD_LIST.search(style) if "mso-list" in style else None
    return min(int(match[1]), MAX_LEVEL) if match is not None else 0


def is_word_bullet(style: str) -> bool:
    """Whether it is the bullet or number that Word writes before a list's paragraph."""
    return "mso-list:ignore" in style


def is_symbol(style: str) -> bool:
    """Whether letters are shown as pictures: in the Wingdings font a J is a smiling face."""
    return "wingdings" in style and _WINGDINGS.search(style) is not None


def is_grid(attributes: Mapping[str, str]) -> bool:
    """Whether a table says of itself that it shows data rather than lays out a page."""
    if attributes.get("role") == "presentation":
        return False
    framed = attributes.get("border", "0").strip() not in ("", "0", "0px", "none")
    return framed or _GRID_CLASS.search(attributes.get("class", "").lower()) is not None


def _shade(colour: str) -> str:
    return "white" if colour in _WHITE else colour
