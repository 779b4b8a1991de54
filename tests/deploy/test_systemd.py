"""docs/deploy/systemd.md: systemd takes the unit, and it starts and stops the service as the page says."""

import configparser
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.page import Page
from tests.deploy.setting import Unchain
from tests.servers.debian import without
from unchain.config import parse
from unchain.serve import DRAIN_SECONDS


def page_with(program: Path) -> Page:
    page = Page("systemd.md")
    page.fill_in({"/opt/unchain": str(program)})
    return page


def unit_of(page: Page) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(page.block("unchain.service"))
    return parser


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    lack = without("systemd-analyze", "systemd")
    if lack:
        pytest.skip(lack)
    program = tmp_path / "opt" / ".venv" / "bin" / "unchain"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "unchain.service"
    unit.write_text(page_with(tmp_path / "opt").block("unchain.service"))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    about_us = [line for line in said.stderr.splitlines() if "unchain" in line]
    assert (said.returncode, about_us) == (0, []), said.stderr


def test_the_units_command_starts_and_its_signal_stops_in_time(tmp_path: Path) -> None:
    service = unit_of(page_with(Path("/opt/unchain")))["Service"]
    assert float(service["TimeoutStopSec"]) > DRAIN_SECONDS
    program, *arguments = shlex.split(service["ExecStart"])
    assert program == "/opt/unchain/.venv/bin/unchain"
    unchain = Unchain(tmp_path)
    unchain.configure(f'[ingest.smtp]\nlisten = "127.0.0.1:{unchain.smtp}"\nnext_hop = "127.0.0.1:25"\n')
    real = [each.replace("/etc/unchain/config.toml", str(unchain.config)) for each in arguments]
    unchain.start_by(sys.executable, "-m", "unchain", *real)
    assert unchain.stop() == 0
    unchain.close()


def test_the_folders_are_those_of_the_unit_and_the_config() -> None:
    page = page_with(Path("/opt/unchain"))
    service = unit_of(page)["Service"]
    commands = [shlex.split(command) for command in page.commands("Make them once")]
    made = {arguments[-1] for arguments in commands if arguments[:2] == ["install", "-d"]}
    assert made == {"/etc/unchain", service["ReadWritePaths"]}
    assert service["EnvironmentFile"].lstrip("-") in {arguments[-1] for arguments in commands}
    assert service["User"] == commands[0][-1]
    needed = '[organisation]\nname = "E"\ndomains = ["example.com"]\nurl = "https://commons.example.com"\n'
    smtp = '[ingest.smtp]\nnext_hop = "mail.example.com:25"\n'
    url = parse(needed + page.block("config.toml") + smtp, page.path).store.url
    assert url.startswith(f"sqlite:///{service['WorkingDirectory']}/")
    assert any("systemctl enable --now unchain" in each for each in page.commands("Check the config"))
