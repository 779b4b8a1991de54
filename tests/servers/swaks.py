"""swaks, the client that administrators try mail servers with; installs the Debian packages where missing."""

import shlex
import subprocess

from tests.servers import debian


def missing() -> str:
    """Why there is no swaks that can encrypt to be had, "" where there is."""
    return debian.without("swaks", "swaks") or ("" if _can_encrypt() else _install_encryption())


def swaks(arguments: str) -> tuple[int, str]:
    """Its exit code and the dialogue, with `<**` or `<~*` before what was refused."""
    ended = subprocess.run(
        ["swaks", *shlex.split(arguments)], capture_output=True, text=True, timeout=60, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


def _can_encrypt() -> bool:
    return subprocess.run(["perl", "-MNet::SSLeay", "-e1"], capture_output=True, check=False).returncode == 0


def _install_encryption() -> str:
    said = debian.install("libnet-ssleay-perl")
    return "" if _can_encrypt() else f"swaks cannot encrypt: {said[-200:]}"
