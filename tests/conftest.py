"""Rules for every test: what was skipped is said at the end, and CI skips nothing it could run."""

import os

import pytest
from _pytest.terminal import TerminalReporter

# Fixtures that all tests may ask for: real servers, started once.
from tests.servers.fixtures import *  # noqa: F403

# The only reason for which CI may skip: labelled mail is not ours to ship.
SHARED_MISSING = "../shared is missing"


def _skipped(reporter: TerminalReporter) -> list[str]:
    return [str(report.longrepr[2]) for report in reporter.stats.get("skipped", [])]


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say how many tests were skipped and why."""
    reasons = _skipped(terminalreporter)
    for reason in sorted(set(reasons)):
        terminalreporter.write_line(f"{reasons.count(reason)} skipped: {reason}", yellow=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test is a failed run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return
    if [reason for reason in _skipped(reporter) if SHARED_MISSING not in reason]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
