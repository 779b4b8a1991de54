"""What people have added to a talk page, seen in the revisions of its text; the same for all wikis."""

from collections.abc import Sequence


def added(before: str, after: str, now: str) -> list[str]:
    """The lines that a revision has added and that still stand.

    An edit is taken for one place of the page: what lies between the lines in which both texts begin and end
    alike. Takes time linear in the texts.
    """
    old, new = before.split("\n"), after.split("\n")
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    standing = frozenset(now.split("\n"))
    return [line for line in new[start : len(new) - end] if line in standing]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))
