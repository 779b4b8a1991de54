"""Taking a mail apart: header fields and the tree of MIME parts (RFC 2046), as offsets into its bytes.

One pass without recursion, linear in the mail's size: the standard library's parser costs lines times depth,
so that a mail of 50 levels and a million short lines holds it for long. Not for decoding what the parts hold.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.header_lines import USUAL_HEADER, before_header, goes_on, lost_its_fold, with_lf
from ingest.parameters import Parameters, parse_parameters

_HEADER = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_REGULAR = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*(?:\n[ \t].*)*)\n")
MOST_PARTS = 2_000
MOST_FIELDS = 20_000
MOST_DASHES = 50_000
_LONGEST_BOUNDARY = 500


class Field(NamedTuple):
    """A header field: lower-case name, unfolded value still as bytes. A tuple: a mail has dozens of them."""

    name: str
    raw: bytes


@dataclass(kw_only=True)
class Part:
    """A MIME part while the tree grows; `start` and `end` are offsets of its body in the mail's bytes."""

    fields: list[Field]
    type: Parameters  # of Content-Type
    disposition: Parameters  # of Content-Disposition
    start: int
    end: int
    boundary: bytes | None = None  # of a multipart
    children: list["Part"] = field(default_factory=list)

    @property
    def content_type(self) -> str:
        """Lower case, e.g. text/plain."""
        return self.type.value

    @property
    def is_multipart(self) -> bool:
        """Whether it holds parts that were found."""
        return bool(self.children)

    def raw(self, name: str) -> bytes:
        """The first value of a header field, b"" where there is none."""
        return next((found.raw for found in self.fields if found.name == name), b"")


@dataclass(frozen=True, kw_only=True)
class Structure:
    """A mail taken apart."""

    mail: bytes  # with LF line ends; the parts' offsets point into it
    root: Part
    defects: tuple[str, ...]

    def body(self, part: Part) -> bytes:
        """The bytes of a part, still in their transfer encoding."""
        return self.mail[part.start : part.end]


def take_apart(content: bytes) -> Structure:
    """The tree of a mail's parts; every mail has one, whatever its bytes."""
    mail = with_lf(content)
    position = before_header(mail)
    builder = _Builder(mail)
    root = builder.part_at(position, "text/plain")
    builder.fill(root)
    return Structure(mail=mail, root=root, defects=tuple(dict.fromkeys(builder.defects)))


class _Builder:
    """Builds the tree of one mail: the open multiparts are a stack, their boundaries a dictionary."""

    def __init__(self, mail: bytes) -> None:
        self._mail = mail
        self._open: list[Part] = []
        self._boundaries: dict[bytes, list[int]] = {}
        self._parts = 0
        self.defects: list[str] = []

    def part_at(self, position: int, default_type: str) -> Part:
        """Read the header of the part that begins there; its body reaches to the mail's end for now."""
        fields, start = self._fields_at(position)
        self._parts += 1
        raw_type = next((found.raw for found in fields if found.name == "content-type"), b"")
        raw_disposition = next((found.raw for found in fields if found.name == "content-disposition"), b"")
        part = Part(
            fields=fields,
            type=parse_parameters(raw_type, default_type),
            disposition=parse_parameters(raw_disposition, ""),
            start=start,
            end=len(self._mail),
        )
        if part.content_type.startswith("multipart/"):
            part.boundary = self._boundary_of(part)
        return part

    def fill(self, root: Part) -> None:
        """Find the parts below the root."""
        if root.boundary is None:
            return
        self._enter(root)
        position = root.start if self._mail.startswith(b"--", root.start) else self._next(root.start)
        for _ in range(MOST_DASHES):
            if position == -1 or not self._open:
                break
            end_of_line = self._mail.find(b"\n", position)
            end_of_line = len(self._mail) if end_of_line == -1 else end_of_line
            position = self._at_dashes(position, end_of_line)
        if self._open:
            self.defects.append("the last boundary is missing: a part may be cut")

    def _at_dashes(self, position: int, end_of_line: int) -> int:
        """Act on a line that begins with two dashes; where the next such line begins, or -1."""
        if end_of_line - position > _LONGEST_BOUNDARY:
            return self._next(end_of_line)
        token = self._mail[position + 2 : end_of_line].rstrip()
        closes = False
        levels = self._boundaries.get(token)
        if not levels and token.endswith(b"--"):
            levels = self._boundaries.get(token[:-2])
            closes = True
        if not levels:
            return self._next(end_of_line)
        level = levels[-1]
        self._close_above(level, max(position - 1, 0))
        if closes:
            self._leave()
            return self._next(end_of_line)
        if self._parts >= MOST_PARTS:
            self.defects.append(f"more than {MOST_PARTS} parts: the rest was not read")
            return -1
        container = self._open[level]
        digest = container.content_type == "multipart/digest"
        part = self.part_at(
            min(end_of_line + 1, len(self._mail)), "message/rfc822" if digest else "text/plain"
        )
        container.children.append(part)
        if part.boundary is not None:
            self._enter(part)
        return part.start if self._mail.startswith(b"--", part.start) else self._next(part.start - 1)

    def _next(self, position: int) -> int:
        found = self._mail.find(b"\n--", max(position, 0))
        return found + 1 if found != -1 else -1

    def _enter(self, part: Part) -> None:
        assert part.boundary is not None
        self._boundaries.setdefault(part.boundary, []).append(len(self._open))
        self._open.append(part)

    def _leave(self) -> None:
        part = self._open.pop()
        assert part.boundary is not None
        self._boundaries[part.boundary].pop()

    def _close_above(self, level: int, position: int) -> None:
        """A delimiter of an outer multipart ends all that was open inside, closed or not."""
        while len(self._open) > level + 1:
            self._end_last_child(self._open[-1], position)
            self._open[-1].end = max(self._open[-1].start, position)
            self._leave()
        self._end_last_child(self._open[level], position)

    @staticmethod
    def _end_last_child(container: Part, position: int) -> None:
        if container.children:
            last = container.children[-1]
            last.end = min(last.end, max(last.start, position))

    def _boundary_of(self, part: Part) -> bytes | None:
        declared = part.type.raw_parameter("boundary").rstrip()
        # Looked for only at the top: elsewhere hostile mails would make it cost their size times their parts.
        if declared and (self._parts > 1 or self._mail.find(b"--" + declared, part.start) != -1):
            return declared
        # Without a declared boundary the first line that looks like one has to do.
        first = part.start if self._mail.startswith(b"--", part.start) else self._next(part.start)
        if first == -1:
            self.defects.append("a multipart without a boundary is read as text")
            return declared or None
        end_of_line = self._mail.find(b"\n", first)
        token = self._mail[first + 2 : end_of_line if end_of_line != -1 else len(self._mail)].rstrip()
        if declared and self._mail[end_of_line + 1 : end_of_line + 9].lower() != b"content-":
            return declared
        self.defects.append("a multipart does not declare its boundary")
        return token if 0 < len(token) <= _LONGEST_BOUNDARY else None

    def _fields_at(self, position: int) -> tuple[list[Field], int]:
        """The header fields from a position on, unfolded (RFC 5322 2.2.3), and where the body begins."""
        mail, total = self._mail, len(self._mail)
        if mail.startswith(b"\n", position):
            return [], position + 1
        blank = mail.find(b"\n\n", position, position + USUAL_HEADER)
        if blank != -1 and (regular := _regular_fields(mail[position : blank + 1])) is not None:
            return regular, blank + 2
        fields: list[Field] = []
        name, lines = "", list[bytes]()
        while position < total:
            end = mail.find(b"\n", position)
            end = total if end == -1 else end
            line = mail[position:end]
            if not line or line == b"\r":
                position = min(end + 1, total)
                break
            match = _HEADER.match(line)
            if match is not None:
                if name:
                    fields.append(Field(name=name, raw=b"".join(lines).strip()))
                name, lines = match.group(1).decode("ascii").lower(), [line[match.end() :]]
            elif name and (line[:1] in (b" ", b"\t") or lost_its_fold(line, lines[-1])):
                lines.append(line if line[:1] in (b" ", b"\t") else b" " + line)
            elif self._ends_header(line, end, known=len(fields) + bool(name)):
                break
            elif name:  # what is folded below belongs to the rubbish
                fields.append(Field(name=name, raw=b"".join(lines).strip()))
                name = ""
            if len(fields) >= MOST_FIELDS:
                self.defects.append(f"more than {MOST_FIELDS} header fields: the rest was not read")
                blank = mail.find(b"\n\n", position)
                return fields, total if blank == -1 else blank + 2
            position = end + 1
        if name:
            fields.append(Field(name=name, raw=b"".join(lines).strip()))
        return fields, min(position, total)

    def _ends_header(self, line: bytes, end: int, *, known: int) -> bool:
        """Whether a line that is no header field begins the body, or is rubbish between two fields.

        `known` says how many fields stand before it.
        """
        if line.startswith(b"--") and line[2:].rstrip().removesuffix(b"--") in self._boundaries:
            return True
        following = self._mail[end + 1 : end + 400]
        folded = known > 0 and following[:1] in (b" ", b"\t")
        rubbish = folded or _HEADER.match(following) is not None or (known > 0 and goes_on(following))
        self.defects.append(
            "a line of the header is not a header field"
            if rubbish
            else "no blank line between header and body"
        )
        return not rubbish


def _regular_fields(block: bytes) -> list[Field] | None:
    """The fields of a header in which each line is as it should be; None where one is not. The quick way."""
    fields: list[Field] = []
    position = 0
    while position < len(block):
        match = _REGULAR.match(block, position)
        if match is None:
            return None
        position = match.end()
        fields.append(Field(name=match[1].decode("ascii").lower(), raw=match[2].replace(b"\n", b"").strip()))
    return fields
