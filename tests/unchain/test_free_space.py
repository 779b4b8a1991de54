"""The disk's room is looked at cheaply, said once when it goes and once when it is back."""

import errno
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from unchain.free_space import FreeSpace, free_bytes

MEGABYTE = 1024 * 1024
Probe = Callable[[Path], int]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, Probe]]:
    """A disk of a megabyte and how to ask for its room; where none can be mounted, a folder taken for one."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        yield tmp_path, lambda folder: MEGABYTE - sum(each.stat().st_size for each in folder.iterdir())
        return
    yield tmp_path, free_bytes
    subprocess.run(["umount", tmp_path], check=True)


class Disk:
    """Free bytes as told, and how often they were asked for."""

    def __init__(self, free: int) -> None:
        self.free = free
        self.asked = 0
        self.now = 100.0
        self.gone = False

    def probe(self, folder: Path) -> int:
        self.asked += 1
        if self.gone:
            raise OSError(errno.ENOENT, "No such file or directory")
        return self.free

    def space(self, keep_free: int) -> FreeSpace:
        return FreeSpace(Path("var"), keep_free, probe=self.probe, clock=lambda: self.now)


def test_it_is_short_below_what_is_to_be_kept_and_told_once_each_way(
    caplog: pytest.LogCaptureFixture,
) -> None:
    disk = Disk(free=1000)
    space = disk.space(1000)
    seen = []
    for free in (1000, 999, 10, 1000, 2000):
        disk.free = free
        disk.now += 1
        seen.append(space.is_short())
    assert seen == [False, True, True, False, False]
    assert [record.message.partition(": ")[2] for record in caplog.records] == [
        "no mail is taken until there is more",
        "mail is taken again",
    ]


def test_the_system_is_asked_once_a_second_at_most() -> None:
    disk = Disk(free=1000)
    space = disk.space(1)
    for _ in range(1000):
        space.is_short()
        disk.now += 0.002
    assert disk.asked <= 3


def test_a_folder_that_cannot_be_looked_at_turns_no_mail_away(caplog: pytest.LogCaptureFixture) -> None:
    disk = Disk(free=0)
    space = disk.space(1)
    assert space.is_short()
    disk.gone = True
    disk.now += 1
    for _ in range(10):
        assert not space.is_short()
        disk.now += 1
    assert len(caplog.records) == 2


def test_the_real_probe_tells_what_a_person_may_still_write(tmp_path: Path) -> None:
    assert 0 < free_bytes(tmp_path) < 2**60


def test_a_real_disk_that_fills_is_short_and_has_room_again(small_disk: tuple[Path, Probe]) -> None:
    folder, probe = small_disk
    now = [0.0]
    space = FreeSpace(folder, 500_000, probe=probe, clock=lambda: now[0])
    assert not space.is_short()
    (folder / "mail").write_bytes(bytes(700_000))
    now[0] += 1
    assert space.is_short()
    (folder / "mail").unlink()
    now[0] += 1
    assert not space.is_short()
