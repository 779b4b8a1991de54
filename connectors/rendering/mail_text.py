"""From plain mail text to Markdown that shows exactly the words that were written.

Whatever looks like markup is born as literal text; paragraphs, line breaks, simple lists, indented or fenced
code and web addresses survive. What services make of Markdown is in the modules beside it.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

CODE_INDENT = 4  # columns, as in Markdown
NARROWEST_WRAP = 60  # columns; no mail program wraps text narrower than this
WIDEST_WRAP = 80  # a longer line of words shows that the mail program did not wrap at all
LONG_WORD = 40  # characters; a web address may stand out of wrapped text
TAB_WIDTH = 4

_URL = re.compile(r"https?://[^\s<>\"\\^`{|}\x00-\x20]+")
_BULLET = re.compile(r"([-*•·‣◦–—+])[ \u00a0]+(?=\S)")
_NUMBER = re.compile(r"(\d{1,3})[.)][ \u00a0]+(?=\S)")
_SIGNIFICANT = re.compile(r"[\\`*_\[\]<>~|$^]")
_ENTITY = re.compile(r"&(?=#?\w{1,32};)")
_LINE_START = re.compile(r"(?:[#+=:-]|>)")
_NUMBER_START = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_FENCE = re.compile(r"(`{3,}|~{3,})[^`~]*$")
_FENCES = frozenset({"```", "~~~"})
_BACKTICKS = re.compile(r"`+")
_CONTROL = dict.fromkeys([*range(9), *range(11, 32), 127])
_CLOSING = {")": "(", "]": "[", "}": "{"}


class _Kind(StrEnum):
    TEXT = "text"
    BULLETS = "bullets"
    NUMBERS = "numbers"
    CODE = "code"


@dataclass
class _Block:
    """Lines that belong together; for lists, each entry is the lines of one item."""

    kind: _Kind
    items: list[list[str]]
    first_number: int = 1


def markdown_from_text(own_words: str) -> str:
    """Plain mail text as Markdown (CommonMark) in which nothing but layout and web addresses is markup."""
    text = own_words.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").translate(_CONTROL)
    lines = [line.expandtabs(TAB_WIDTH).rstrip() for line in text.split("\n")]
    width = _wrap_width(lines)
    rendered, delimiter = [], "."
    for block in _blocks(lines):
        # Two numbered lists in a row would run together and count on; another delimiter parts them.
        delimiter = ")" if delimiter == "." and block.kind is _Kind.NUMBERS else "."
        rendered.append(_render(block, delimiter, width))
    return "\n\n".join(rendered)


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    """Cut lines into paragraphs, lists and code; linear in the number of lines."""
    current: _Block | None = None
    fence_ends = _fence_ends(lines)
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            if current is not None:
                yield current
            current = None
            at += 1
            continue
        code = _code_at(lines, at, fence_ends) if current is None else None
        if code is not None:
            block, at = code
            yield block
            continue
        extended = _extend(current, line)
        if extended is not current and current is not None:
            yield current
        current = extended
        at += 1
    if current is not None:
        yield current


def _extend(current: _Block | None, line: str) -> _Block:
    """Put a line into the block it belongs to, or into a new one."""
    stripped = line.strip()
    bullet, number = _BULLET.match(stripped), _NUMBER.match(stripped)
    if bullet:
        return _item(current, _Kind.BULLETS, stripped[bullet.end() :], 1)
    if number:
        return _item(current, _Kind.NUMBERS, stripped[number.end() :], int(number[1]))
    if current is not None and current.kind is _Kind.TEXT:
        current.items[0].append(stripped)
        return current
    if current is not None and line.startswith(" "):  # the item of a list goes on
        current.items[-1].append(stripped)
        return current
    return _Block(_Kind.TEXT, [[stripped]])


def _item(current: _Block | None, kind: _Kind, text: str, number: int) -> _Block:
    follows = current is not None and current.kind is kind
    if (
        current is not None
        and follows
        and (kind is _Kind.BULLETS or number == current.first_number + len(current.items))
    ):
        current.items.append([text])
        return current
    return _Block(kind, [[text]], first_number=number)


def _fence_ends(lines: Sequence[str]) -> dict[str, list[int]]:
    """Where each kind of fence stands alone on a line; looked up, so that hostile text costs no more."""
    ends: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if line.strip()[:3] in _FENCES:
            ends.setdefault(line.strip(), []).append(index)
    return ends


def _code_at(lines: Sequence[str], start: int, fence_ends: dict[str, list[int]]) -> tuple[_Block, int] | None:
    """A code block that begins at a line and the index behind it, if there is one."""
    stripped = lines[start].strip()
    if fence := _FENCE.match(stripped):
        ends = fence_ends.get(fence[1], [])
        following = bisect_right(ends, start)
        if following == len(ends):
            return None
        end = ends[following]
        return _Block(_Kind.CODE, [list(lines[start + 1 : end])]), end + 1
    if not _is_indented(lines[start]) or _BULLET.match(stripped) or _NUMBER.match(stripped):
        return None
    end = start
    while end < len(lines) and (not lines[end] or _is_indented(lines[end])):
        end += 1
    code = list(lines[start:end])
    while code and not code[-1]:
        code.pop()
    indent = min(len(line) - len(line.lstrip(" ")) for line in code if line)
    return _Block(_Kind.CODE, [[line[indent:] for line in code]]), end


def _is_indented(line: str) -> bool:
    return line.startswith(" " * CODE_INDENT)


def _render(block: _Block, delimiter: str, width: float) -> str:
    if block.kind is _Kind.CODE:
        return _render_code(block.items[0])
    if block.kind is _Kind.TEXT:
        return _paragraph(block.items[0], width)
    rendered = []
    for index, item in enumerate(block.items):
        marker = "- " if block.kind is _Kind.BULLETS else f"{block.first_number + index}{delimiter} "
        rendered.append(marker + _paragraph(item, width).replace("\n", "\n" + " " * len(marker)))
    return "\n".join(rendered)


def _render_code(lines: Sequence[str]) -> str:
    fence = code_fence(lines)
    return "\n".join((fence, *lines, fence))


def code_fence(lines: Sequence[str]) -> str:
    """A fence that none of these lines of code can close (CommonMark 4.5)."""
    longest = max((len(run) for line in lines for run in _BACKTICKS.findall(line)), default=0)
    return "`" * max(3, longest + 1)


def _wrap_width(lines: Sequence[str]) -> float:
    """The column at which the mail program wrapped; infinite where it did not and every break was meant."""
    words = (line for line in lines if max(map(len, line.split()), default=0) < LONG_WORD)
    longest = max(map(len, words), default=0)
    return math.inf if longest > WIDEST_WRAP else max(longest, NARROWEST_WRAP)


def _paragraph(lines: Sequence[str], width: float) -> str:
    """Lines of one paragraph; a break that the writer made on purpose stays (a backslash before it).

    It was made on purpose where the next word still had room on the line.
    """
    rendered = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        literal = _literal_line(line)
        first_word = following.partition(" ")[0]
        if following and len(line) + 1 + len(first_word) <= width:
            literal += "\\"
        rendered.append(literal)
    return "\n".join(rendered)


def _literal_line(line: str) -> str:
    """A line without indentation in which only web addresses are markup."""
    return literal_start(line, _inline)


def literal_start(line: str, write: Callable[[str], str] = str) -> str:
    """A line that begins no list, heading, quote or rule; the rest as `write` writes it."""
    number = _NUMBER_START.match(line)
    if number:
        return f"{number[1]}\\{number[2]}{write(line[number.end() :])}"
    if _LINE_START.match(line):
        return f"\\{line[0]}{write(line[1:])}"
    return write(line)


def _inline(text: str) -> str:
    pieces, at = [], 0
    for match in _URL.finditer(text):
        url = _without_punctuation(match[0])
        if url.endswith("//"):  # no host: not an address
            continue
        pieces.append(literal(text[at : match.start()]))
        pieces.append(f"<{url}>")
        at = match.start() + len(url)
    pieces.append(literal(text[at:]))
    return "".join(pieces)


def literal(text: str) -> str:
    """Words within a line in which nothing is markup."""
    return _ENTITY.sub(r"\\&", _SIGNIFICANT.sub(lambda match: "\\" + match[0], text))


def _without_punctuation(url: str) -> str:
    """A web address without the punctuation of the sentence around it; balanced brackets stay."""
    while url[-1] in ".,;:!?'*_~)]}":
        opening = _CLOSING.get(url[-1])
        if opening and url.count(opening) >= url.count(url[-1]):
            break
        url = url[:-1]
    return url
