"""What is open while a mail's HTML is read: elements, what they mean for the text, and the lines so far."""

from dataclasses import dataclass, field

from domain.mail import Trim
from ingest.html_lines import LineBuilder
from ingest.html_meaning import Plan
from ingest.html_rows import Row
from ingest.html_wrappers import Wrapper


@dataclass(slots=True)
class Element:
    """An open element and what held before it."""

    tag: str
    plan: Plan
    mark: Trim | None = None
    hidden: bool = False
    pre: bool = False
    indent: str = ""
    place: tuple[int, int] = (0, 0)  # where in the lines it began
    items: int = 0  # of a list: so far
    number: int = 0  # of an ordered list: of the last item
    wrapper: Wrapper | None = None  # it holds an earlier mail and what introduces it

    @property
    def first_line(self) -> int:
        """The number of its first line, where it began one."""
        return self.place[0] + (self.place[1] != 0)


@dataclass(slots=True)
class Reader:
    """The open elements, what they mean for the text, and the lines."""

    out: LineBuilder = field(default_factory=LineBuilder)
    elements: list[Element] = field(default_factory=list)
    open_tags: dict[str, int] = field(default_factory=dict)
    grids: list[bool] = field(default_factory=list)  # of each open table, whether it holds data
    rows: list[Row | None] = field(default_factory=list)  # of each open row; None where it is laid out
    wrapper: Wrapper | None = None
    introduction: tuple[int, int] = (0, 0)  # lines that introduce a quote, if one follows at once
    answering: bool = False  # a bare blockquote was a quote
    tight: bool = False  # no paragraph has margins
    hidden: bool = False
    pre: bool = False
    at_pre: bool = False  # right behind a <pre>
