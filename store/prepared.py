"""Statements that are compiled once and then run as the driver takes them.

For those few that every mail costs: of what SQLAlchemy spends on a statement, nine tenths go into finding its
compiled form and into turning each row's parameters. All others go through `session.execute`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Dialect, Executable
from sqlalchemy.sql import ClauseElement
from sqlmodel import Session

Row = Mapping[str, object]


class Prepared:
    """A statement and the columns that it writes, where it is an INSERT without VALUES.

    Values go to the database as `session.execute` would give them; those that come back are the driver's.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] = ()) -> None:
        self._statement = statement
        self._columns = tuple(columns)

    def run(self, session: Session, parameters: Row) -> CursorResult[Any]:
        """Run it once; raises as `session.execute` does."""
        return self._run(session, parameters)

    def run_all(self, session: Session, rows: Sequence[Row]) -> None:
        """Run it for each row, of which there must be at least one."""
        self._run(session, rows)

    def _run(self, session: Session, given: Row | Sequence[Row]) -> CursorResult[Any]:
        connection = session.connection()
        compiled = _compiled(self._statement, self._columns, connection.dialect)
        if isinstance(given, Mapping):
            return connection.exec_driver_sql(compiled.sql, compiled.values(given))
        return connection.exec_driver_sql(compiled.sql, [compiled.values(row) for row in given])


@dataclass(frozen=True, kw_only=True)
class _Place:
    """One parameter of a statement, by its position."""

    name: str
    constant: object  # where no row names it
    process: Callable[[Any], Any] | None  # from our value to the driver's


@dataclass(frozen=True, kw_only=True)
class _Compiled:
    sql: str
    places: tuple[_Place, ...]

    def values(self, row: Row) -> tuple[object, ...]:
        """The driver's parameters."""
        values = []
        for place in self.places:
            value = row.get(place.name, place.constant)
            values.append(value if place.process is None else place.process(value))
        return tuple(values)


@cache
def _compiled(statement: Executable, columns: tuple[str, ...], dialect: Dialect) -> _Compiled:
    compiled: Any = statement.compile(  # type: ignore[attr-defined]
        dialect=dialect, column_keys=list(columns) or None
    )
    places = []
    for name in compiled.positiontup:
        bound = compiled.binds[name]
        process = bound.type.dialect_impl(dialect).bind_processor(dialect)
        constant = None if bound.required else bound.effective_value
        places.append(_Place(name=name, constant=constant, process=process))
    return _Compiled(sql=str(compiled), places=tuple(places))
