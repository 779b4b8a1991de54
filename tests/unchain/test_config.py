"""A wrong config.toml is told in sentences: file, line, place, what is wrong, what to do.

The wrong files are in bad_configs/, each with its sentences beside it, without the path in front.
"""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ConfigError
from tests.unchain.workshop import CONFIG, rule
from unchain.config import Config, load, parse, version_of

BAD = Path(__file__).parent / "bad_configs"
RIGHT = CONFIG.format(
    rules=rule() + rule().replace("Discussions", "Again"), budget="[budget]\nsilence = '1h'"
)
KEY_LINES = [number for number, line in enumerate(RIGHT.splitlines()) if re.match(r"[a-z_]+ = ", line)]


def sentences(path: Path) -> str:
    """What is said of a wrong file, without its folder."""
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value).replace(f"{path.parent}/", "")


@pytest.mark.parametrize("path", sorted(BAD.glob("*.toml")), ids=lambda path: path.stem)
def test_a_wrong_config_is_told_in_the_sentences_beside_it(path: Path) -> None:
    assert sentences(path) == path.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")


def test_every_sentence_has_its_wrong_config() -> None:
    assert {path.stem for path in BAD.glob("*.txt")} == {path.stem for path in BAD.glob("*.toml")}


@pytest.mark.parametrize("path", sorted(BAD.glob("*.txt")), ids=lambda path: path.stem)
def test_a_sentence_names_no_class_of_the_program(path: Path) -> None:
    assert not re.search(r"Options|instance of|\bdict|NoneType|Traceback", path.read_text(encoding="utf-8"))


def test_a_secret_that_stands_in_the_file_is_not_repeated() -> None:
    assert "hunter2" in (BAD / "secret_in_the_file.toml").read_text(encoding="utf-8")
    assert "hunter2" not in sentences(BAD / "secret_in_the_file.toml")


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(KEY_LINES), st.sampled_from(["zz", "s", "_"]), st.integers(0, 3))
def test_a_renamed_key_is_reported_on_its_line(number: int, added: str, blank_lines: int) -> None:
    lines = ["# a remark"] * blank_lines + RIGHT.splitlines()
    number += blank_lines
    key = lines[number].partition(" ")[0]
    lines[number] = lines[number].replace(key, key + added, 1)

    with pytest.raises(ConfigError) as caught:
        parse("\n".join(lines), Path("config.toml"))

    place = f"config.toml:{number + 1}: "
    about = [line for line in str(caught.value).splitlines() if line.startswith(place)]
    assert len(about) == 1
    assert f'unknown key "{key}{added}"' in about[0]
    assert f'"{key}"' in about[0] or key in about[0].rpartition("write one of: ")[2].split(", ")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert (
        sentences(tmp_path / "config.toml") == "config.toml: there is no such file; `unchain init` writes one"
    )


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    assert sentences(tmp_path / "config.toml") == "config.toml: cannot be read: Is a directory"


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b'# caf\xe9\n[organisation]\nname = "A"\n')
    assert sentences(tmp_path / "config.toml") == "config.toml: is not UTF-8 text (byte 5)"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf" + RIGHT.encode())
    assert load(tmp_path / "config.toml").organisation.name == "Acme"


def test_the_version_follows_what_the_config_says_and_nothing_else() -> None:
    first = parse(RIGHT, Path("config.toml"))
    assert version_of(parse(RIGHT + "\n# a remark\n", Path("other.toml"))) == version_of(first)
    changed = parse(RIGHT.replace('stage = "move"', 'stage = "observe"'), Path("config.toml"))
    assert version_of(changed) != version_of(first)


def test_a_config_is_what_its_file_says() -> None:
    config = parse(RIGHT, Path("config.toml"))
    assert isinstance(config, Config)
    assert [each.name for each in config.rules] == [each["name"] for each in tomllib.loads(RIGHT)["rules"]]
