"""What a program and all the processes it has started cost: CPU seconds and memory, read from /proc."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat behind the command's name: the parent, and user and system time, own and of the
# children that have ended.
_PARENT = 1
_TIMES = slice(11, 15)


def cpu_seconds(root: int) -> float:
    """CPU seconds of a process and its descendants so far, ended ones included."""
    stats = _stats()
    return sum(sum(map(int, stats[pid][_TIMES])) for pid in _tree(root, stats)) / _TICKS


def memory(root: int) -> float:
    """Megabytes that a process and its descendants hold now, shared ones counted in part (PSS)."""
    total = 0
    for pid in _tree(root, _stats()):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def descendants(root: int) -> list[int]:
    """A process and all below it."""
    return _tree(root, _stats())


def _stats() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                found[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
    return found


def _tree(root: int, stats: dict[int, list[str]]) -> list[int]:
    children: dict[int, list[int]] = {}
    for pid, fields in stats.items():
        children.setdefault(int(fields[_PARENT]), []).append(pid)
    tree: list[int] = []
    waiting = [root] if root in stats else []
    while waiting:
        pid = waiting.pop()
        tree.append(pid)
        waiting += children.get(pid, [])
    return tree
