"""A list of values as one parameter, however long: a prepared statement has a fixed number of them."""

from sqlalchemy import JSON, Select, bindparam, func, select


def listed(name: str) -> Select[tuple[str]]:
    """The strings of the list bound to `name`, for `column.in_(listed("digests"))`."""
    return select(func.json_each(bindparam(name, type_=JSON)).table_valued("value").c.value)
