"""Settles, where a container of an earlier mail ends, which of its lines are quoted and which answer it."""

from dataclasses import dataclass, field

from domain.mail import Trim
from ingest.attributions import is_attribution
from ingest.html_lines import LineBuilder

MAX_INTRODUCTION = 4  # lines above the first blockquote


@dataclass(slots=True)
class Wrapper:
    """An element that holds an earlier mail with its introduction, and the blockquotes right in it.

    Who answers within the earlier mail cuts its blockquote in two and writes between the halves.
    """

    first: int  # the line it begins with
    quotes: list[tuple[int, int]] = field(default_factory=list)  # lines from, up to but not including
    depth: int = 0  # of open blockquotes
    opened: int = 0

    def open(self, line: int) -> None:
        """A blockquote begins with a line."""
        if self.depth == 0:
            self.opened = line
        self.depth += 1

    def close(self, line: int) -> None:
        """A blockquote ends before a line."""
        self.depth -= 1
        if self.depth == 0:
            self.quotes.append((self.opened, line))

    def settle(self, out: LineBuilder) -> None:
        """Give the lines between and below the blockquotes back to the author of the answer."""
        out.flush()
        if not self.quotes or not self._is_introduced(out.texts[self.first : self.quotes[0][0]]):
            return
        ends = [end for _start, end in self.quotes]
        starts = [start for start, _end in self.quotes[1:]] + [len(out.texts)]
        for end, start in zip(ends, starts, strict=True):
            out.marks[end:start] = [None] * max(0, start - end)

    def _is_introduced(self, above: list[str]) -> bool:
        """Whether only an attribution stands above: else the blockquotes are within the earlier mail."""
        lines = [line.strip() for line in above if line.strip()]
        if not lines:
            return True
        return len(lines) <= MAX_INTRODUCTION and (
            is_attribution(lines[-1]) or is_attribution(" ".join(line[:200] for line in lines))
        )


def settle_blockquote(out: LineBuilder, first: int) -> None:
    """Mark a bare blockquote that begins with its own attribution as quoted."""
    out.flush()
    while first < len(out.texts) and not out.texts[first]:
        first += 1
    if first < len(out.texts) and out.marks[first] is None and is_attribution(out.texts[first]):
        out.marks[first:] = [mark or Trim.QUOTE for mark in out.marks[first:]]
