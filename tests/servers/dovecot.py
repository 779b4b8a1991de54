"""A real Dovecot for tests: any user name has an empty mailbox and the same password.

Needs root, as Dovecot does; installs the Debian package where it is missing.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import debian
from tests.servers.processes import free_port

TLS_FOLDER = Path(__file__).parent.parent / "tls"
PASSWORD = "correct-horse"


@dataclass(frozen=True, kw_only=True)
class Dovecot:
    """Where it listens."""

    port: int  # plain and STARTTLS
    tls_port: int
    authority: Path  # certificate to trust
    folder: Path = Path()  # of its config, mail and log

    def received(self, user: str) -> list[bytes]:
        """The mails that nobody has looked at in a user's INBOX; its name is that before the @."""
        return [path.read_bytes() for path in (self.folder / "mail" / user / "new").glob("*")]

    @property
    def log(self) -> str:
        """What it has logged so far."""
        path = self.folder / "dovecot.log"
        return path.read_text() if path.exists() else ""


def missing() -> str:
    """Why there is no Dovecot to be had, "" where there is."""
    if os.name != "posix" or os.geteuid() != 0:
        return "Dovecot needs root"
    return debian.without("dovecot", "dovecot-imapd")


def missing_lmtp() -> str:
    """Why Dovecot cannot take mail by LMTP here, "" where it can."""
    return missing() or debian.without("/usr/lib/dovecot/lmtp", "dovecot-lmtpd")


@contextlib.contextmanager
def dovecot(ports: tuple[int, int] | None = None, *, lines: str = "") -> Iterator[Dovecot]:
    """A running server, on the given ports where there are some; `lines` are added to its config."""
    # Its login processes run as another user, who must be able to enter the folder.
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)
    port, tls_port = ports or (free_port(), free_port())
    (folder / "mail").mkdir()
    shutil.chown(folder / "mail", "mail", "mail")
    (folder / "dovecot.conf").write_text(_config(folder, port, tls_port) + lines)
    server = subprocess.Popen(
        ["dovecot", "-F", "-c", folder / "dovecot.conf"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _await_port(port, folder)
        yield Dovecot(port=port, tls_port=tls_port, authority=TLS_FOLDER / "localhost.crt", folder=folder)
    finally:
        server.send_signal(signal.SIGINT)  # Dovecot ends its processes with it
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _await_port(port: int, folder: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as probe:
            if probe.recv(1):
                return
        threading.Event().wait(0.05)
    log = folder / "dovecot.log"
    raise AssertionError(f"Dovecot does not answer: {log.read_text() if log.exists() else 'no log'}")


def _config(folder: Path, port: int, tls_port: int) -> str:
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
log_path = {folder}/dovecot.log
ssl = yes
ssl_cert = <{TLS_FOLDER}/localhost.crt
ssl_key = <{TLS_FOLDER}/localhost.key
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{folder}/mail/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%n
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""
