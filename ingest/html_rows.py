"""Writes a row of a table of data as one line, "Rope | 12.50", cells of several short lines included."""

from dataclasses import dataclass, field

from ingest.html_lines import LineBuilder

MAX_CELL = 120  # characters of a cell of several lines that still goes on the row's line
MAX_LINES = 40  # in a row that is looked at: more is a page laid out


@dataclass(slots=True)
class Row:
    """A row that is being read: each of its cells begins a line until the row is complete."""

    first: int  # its first line
    cells: list[int] = field(default_factory=list)  # the first line of each cell

    def begin_cell(self, out: LineBuilder) -> None:
        """Begin the next cell."""
        out.flush()
        out.blank_pending = False
        out.at_cell = True
        self.cells.append(len(out.texts))

    def finish(self, out: LineBuilder) -> None:
        """Put the cells on one line, but those of several long lines."""
        out.flush()
        lines, marks = out.texts[self.first : self.first + MAX_LINES + 1], out.marks[self.first :]
        if len(self.cells) < 2 or len(lines) > MAX_LINES:
            return
        said = {mark for line, mark in zip(lines, marks, strict=True) if line.strip()}
        if len(said) == 1:
            out.texts[self.first :] = joined = self._joined(lines)
            out.marks[self.first :] = [said.pop()] * len(joined)
            out.blank_pending = False

    def _joined(self, lines: list[str]) -> list[str]:
        ends = [*self.cells[1:], self.first + len(lines)]
        joined: list[str] = []
        row = ""
        open_row = False
        for start, end in zip(self.cells, ends, strict=True):
            cell = [line.strip() for line in lines[start - self.first : end - self.first] if line.strip()]
            text = " / ".join(cell)
            if len(cell) > 1 and len(text) > MAX_CELL:
                joined += [row.rstrip(), *cell] if open_row else cell
                row, open_row = "", False
            else:
                row = f"{row}{' ' if row.endswith(':') else ' | '}{text}" if open_row else text
                open_row = True
        return [*joined, row.rstrip()] if row.strip(" |") else joined
