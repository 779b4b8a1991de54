"""PHP's own web server for the wikis and blogs that are written in PHP."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.servers.processes import await_answer, running

PACKAGES = ("php-cli", "php-xml", "php-mbstring", "php-gd", "php-curl", "php-intl")
# The packages of the wikis want a web server. This is the smallest; it is never run. Apache stays away.
WEB_SERVER = ("nginx-light", "php-fpm", "php8.2-fpm", "libapache2-mod-php8.2-")
_SETTINGS = {
    "opcache.enable_cli": "1",
    "opcache.revalidate_freq": "0",  # tests change settings while it runs
    "sendmail_path": "/bin/true",
    "upload_max_filesize": "20M",
    "post_max_size": "21M",
    "memory_limit": "256M",
}


@contextlib.contextmanager
def php_server(
    port: int, root: Path, *, log: Path, answers: str, router: Path | None = None, **environment: str
) -> Iterator[None]:
    """PHP on a port with four workers, once a GET of the path `answers` does not fail."""
    settings = [word for name, value in _SETTINGS.items() for word in ("-d", f"{name}={value}")]
    command: list[str | Path] = ["php", *settings, "-S", f"127.0.0.1:{port}", "-t", root]
    given: Mapping[str, str] = {"PHP_CLI_SERVER_WORKERS": "4", **environment}
    script = [router] if router else []
    with running([*command, *script], log=log, folder=root, environment=given) as process:
        await_answer(process, port, answers, log)
        yield
