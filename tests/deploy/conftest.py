"""What the recipes need of the machine: Postfix and swaks, or they are skipped with the reason."""

import pytest

from tests.deploy.setting import missing


@pytest.fixture(scope="session")
def servers() -> None:
    """Skips where there is no Postfix or no swaks to be had."""
    reason = missing()
    if reason:
        pytest.skip(reason)
