"""A real Postfix for tests and benchmarks: an instance of its own in a fresh folder, on free ports.

Needs root, as Postfix does; installs the Debian package where it is missing. Nothing leaves the machine: what
has no transport is refused.
"""

import contextlib
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.servers.debian import without
from tests.servers.processes import free_port

# As in Debian's own file: name, type, private, unprivileged, chroot, wakeup, most processes, command.
_MASTER = """
{listen} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
{services}
"""


@dataclass(frozen=True, kw_only=True)
class Postfix:
    """A running instance."""

    port: int
    folder: Path

    @property
    def pid(self) -> int:
        """The process above all of its others."""
        return int((self.folder / "spool/pid/master.pid").read_text())

    @property
    def maildirs(self) -> Path:
        """Where its `virtual` transport puts mail: a Maildir for each local part."""
        return self.folder / "mail"

    def received(self, user: str) -> list[bytes]:
        """What its `virtual` transport has put into a Maildir, in no order."""
        return [path.read_bytes() for path in (self.maildirs / user / "new").glob("*")]

    @property
    def queued(self) -> list[dict[str, object]]:
        """The mails in its queue, as `postqueue -j` tells them."""
        return [json.loads(line) for line in self.run("postqueue", "-j").splitlines()]

    @property
    def log(self) -> str:
        """What it has logged so far."""
        path = self.folder / "maillog"
        return path.read_text() if path.exists() else ""

    def run(self, *arguments: str) -> str:
        """The output of one of its commands, for example `run("postqueue", "-p")`."""
        command = [arguments[0], "-c", str(self.folder / "etc"), *arguments[1:]]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def maildirs(*users: str, domain: str = "example.com") -> dict[str, str]:
    """Lines of main.cf: these users of a domain have a Maildir each, anybody else there is unknown."""
    owner = pwd.getpwnam("mail")
    boxes = ", ".join(f"{user}@{domain}={user}/" for user in users)
    return {
        "virtual_mailbox_domains": domain,
        "virtual_mailbox_maps": f"inline:{{{boxes}}}",
        "virtual_mailbox_base": "{mail}",
        "virtual_minimum_uid": str(owner.pw_uid),
        "virtual_uid_maps": f"static:{owner.pw_uid}",
        "virtual_gid_maps": f"static:{owner.pw_gid}",
    }


def missing() -> str:
    """Why there is no Postfix to be had, "" where there is."""
    if os.name != "posix" or os.geteuid() != 0:
        return "Postfix needs root"
    return without("postfix", "postfix")


@contextlib.contextmanager
def postfix(
    main: Mapping[str, str], *, services: str = "", files: Mapping[str, str] | None = None, port: int = 0
) -> Iterator[Postfix]:
    """A running instance.

    `main` goes into main.cf and `services` into master.cf; `files` are further files of its configuration.
    In all of them `{etc}` stands for the folder of the configuration and `{mail}` for that of the Maildirs.
    """
    # Its processes run as other users, who must be able to enter the folder.
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)
    listening = port or free_port()
    for name in ("etc", "spool", "data", "mail"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", "mail", "mail")
    places = {"{etc}": str(folder / "etc"), "{mail}": str(folder / "mail")}
    settings = {**_settings(folder), **main}
    written = {
        "main.cf": "".join(f"{name} = {value}\n" for name, value in settings.items()),
        "master.cf": _MASTER.replace("{listen}", f"127.0.0.1:{listening}").replace("{services}", services),
        **(files or {}),
    }
    for name, text in written.items():
        placed = text
        for mark, place in places.items():
            placed = placed.replace(mark, place)
        (folder / "etc" / name).write_text(placed)
    start = ["postfix", "-c", str(folder / "etc"), "start"]
    started = subprocess.run(start, capture_output=True, text=True, check=False)
    running = Postfix(port=listening, folder=folder)
    try:
        assert started.returncode == 0, f"Postfix does not start: {started.stderr}{running.log}"
        _await_port(running)
        yield running
    finally:
        subprocess.run(["postfix", "-c", folder / "etc", "stop"], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _settings(folder: Path) -> dict[str, str]:
    return {
        "compatibility_level": "3.6",
        "queue_directory": f"{folder}/spool",
        "data_directory": f"{folder}/data",
        "daemon_directory": "/usr/lib/postfix/sbin",
        "command_directory": "/usr/sbin",
        "maillog_file": f"{folder}/maillog",
        "maillog_file_prefixes": str(folder),
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "myhostname": "mail.example",
        "mydestination": "",
        "local_recipient_maps": "",
        "alias_maps": "",
        "smtp_host_lookup": "native",
        "smtp_dns_support_level": "disabled",
        "smtpd_peername_lookup": "no",
        "default_transport": "error:5.7.1 no mail leaves this machine",
        "minimal_backoff_time": "2s",
        "maximal_backoff_time": "5s",
        "queue_run_delay": "2s",
    }


def _await_port(server: Postfix) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 5) as probe:
            if probe.recv(1):
                return
        threading.Event().wait(0.05)
    raise AssertionError(f"Postfix does not answer: {server.log}")
