"""A changed config is taken over when it is right; a wrong one changes nothing and is told once."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.unchain.workshop import CONFIG, rule
from unchain.config import Config, load
from unchain.reload import RunningConfig

RIGHT = CONFIG.format(rules=rule(), budget="")


@pytest.fixture
def running(tmp_path: Path) -> RunningConfig:
    path = tmp_path / "config.toml"
    path.write_text(RIGHT)
    return RunningConfig(path, load(path))


def test_a_right_change_is_put_in_force(running: RunningConfig) -> None:
    used: list[Config] = []
    running.path.write_text(RIGHT.replace('stage = "move"', 'stage = "observe"'))

    assert running.reload(used.append)

    assert [config.rules[0].stage for config in used] == ["observe"]
    assert running.config is used[0]


def test_the_same_config_again_changes_nothing(running: RunningConfig) -> None:
    used: list[Config] = []
    running.path.write_text(RIGHT + "\n# a remark\n")
    assert not running.reload(used.append)
    assert used == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(RIGHT.replace("stage =", "stages ="), 'did you mean "stage"?', id="unknown key"),
        pytest.param(
            RIGHT.replace('to = "wiki"', 'to = "wikki"'), 'did you mean "wiki"?', id="no such space"
        ),
        pytest.param(RIGHT[:100] + '"', "not valid TOML", id="half written"),
        pytest.param("", 'the section "organisation" is missing', id="empty"),
    ],
)
def test_a_wrong_change_leaves_the_old_config_in_force(
    running: RunningConfig, caplog: pytest.LogCaptureFixture, text: str, sentence: str
) -> None:
    before, used = running.config, list[Config]()
    running.path.write_text(text)

    assert not running.reload(used.append)

    assert (running.config, used) == (before, [])
    assert sentence in caplog.text
    assert "the old one stays in force" in caplog.text


def test_a_config_that_is_gone_leaves_the_old_one_in_force(running: RunningConfig) -> None:
    running.path.unlink()
    assert not running.reload(lambda _: None)


def test_a_change_that_needs_a_restart_is_told(
    running: RunningConfig, caplog: pytest.LogCaptureFixture
) -> None:
    running.path.write_text(RIGHT.replace('next_hop = "mail.', 'next_hop = "post.'))
    with caplog.at_level(logging.WARNING):
        assert running.reload(lambda _: None)
    assert "[ingest] has changed; restart the service" in caplog.text


def test_a_config_whose_use_fails_is_not_taken_for_the_one_in_force(running: RunningConfig) -> None:
    before = running.config
    running.path.write_text(RIGHT.replace('stage = "move"', 'stage = "observe"'))

    def fail(_: Config) -> None:
        raise RuntimeError("a connector cannot be built")

    with pytest.raises(RuntimeError):
        running.reload(fail)
    assert running.config is before


@asynccontextmanager
async def watched(running: RunningConfig) -> AsyncIterator[asyncio.Queue[Config]]:
    """What the watch puts in force, while it runs."""
    used: asyncio.Queue[Config] = asyncio.Queue()
    stop = asyncio.Event()
    watching = asyncio.create_task(running.watch(used.put_nowait, stop))
    async with asyncio.timeout(60):
        yield used
        stop.set()
        await watching


@pytest.mark.parametrize("replaced", [pytest.param(False, id="written"), pytest.param(True, id="replaced")])
async def test_each_change_of_the_file_is_noticed(running: RunningConfig, replaced: bool) -> None:
    async with watched(running) as used:
        for stage in ("observe", "suggest", "move"):
            target = running.path.with_suffix(".new") if replaced else running.path
            target.write_text(RIGHT.replace('stage = "move"', f'stage = "{stage}"'))
            target.replace(running.path)
            assert (await used.get()).rules[0].stage == stage


async def test_a_change_from_before_the_watch_began_is_noticed(running: RunningConfig) -> None:
    running.path.write_text(RIGHT.replace('stage = "move"', 'stage = "observe"'))
    async with watched(running) as used:
        assert (await used.get()).rules[0].stage == "observe"


async def test_the_watch_outlives_a_wrong_file_and_tells_of_it_once(
    running: RunningConfig, caplog: pytest.LogCaptureFixture
) -> None:
    async with watched(running) as used:
        running.path.write_text("this is no TOML")
        while "not reloaded" not in caplog.text:
            await asyncio.sleep(0.01)
        running.path.write_text(RIGHT.replace('stage = "move"', 'stage = "suggest"'))
        assert (await used.get()).rules[0].stage == "suggest"
    assert caplog.text.count("config not reloaded") == 1


async def test_a_file_that_is_gone_for_a_while_is_read_when_it_is_back(
    running: RunningConfig, caplog: pytest.LogCaptureFixture
) -> None:
    async with watched(running) as used:
        running.path.unlink()
        while "not reloaded" not in caplog.text:
            await asyncio.sleep(0.01)
        running.path.write_text(RIGHT.replace('stage = "move"', 'stage = "suggest"'))
        assert (await used.get()).rules[0].stage == "suggest"
