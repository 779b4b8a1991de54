"""Programs of Debian that tests need and a bare machine lacks; installs by apt, starts nothing."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

_QUIETLY = {"DEBIAN_FRONTEND": "noninteractive"}
_INSTALL = (
    "-o",
    "DPkg::Lock::Timeout=600",
    "-o",
    "Dpkg::Options::=--force-unsafe-io",  # a machine that falls over now is set up anew anyway
    "install",
    "-y",
    "-qq",
    "--no-install-recommends",
)
# Debian asks this program whether a freshly installed daemon may start; 101 says no.
_POLICY = Path("/usr/sbin/policy-rc.d")


def without(program: str, package: str) -> str:
    """Why a program is not to be had, "" where it is; as root its package is installed first."""
    if shutil.which(program):
        return ""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return f"{program} is not installed, and only root can install it by apt-get"
    said = install(package)
    return "" if shutil.which(program) else f"{program} could not be installed: {said[-200:]}"


def without_packages(*packages: str) -> str:
    """Why these packages are not to be had, "" where they are; a name ending in - must stay away."""
    wanted = [package for package in packages if not package.endswith("-")]
    if not _lacking(wanted):
        return ""
    with _no_daemon_starts():
        said = install(*packages)
    lacking = _lacking(wanted)
    return f"{', '.join(lacking)} could not be installed: {said[-200:]}" if lacking else ""


def install(*packages: str) -> str:
    """Install packages as root; what apt-get says of its troubles, "" where it has none."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return f"only root can install {' '.join(packages)} by apt-get"
    # Where the lists of packages are there already, asking for them again would only take time.
    if not _apt_get(*_INSTALL, *packages):
        return ""
    return _apt_get("update", "-qq") + _apt_get(*_INSTALL, *packages)


def _lacking(packages: list[str]) -> list[str]:
    return [package for package in packages if not _installed(package)]


def _installed(package: str) -> bool:
    if not shutil.which("dpkg-query"):
        return False
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Abbrev}", package], capture_output=True, text=True, check=False
    )
    return asked.stdout.startswith("ii")


@contextlib.contextmanager
def _no_daemon_starts() -> Iterator[None]:
    if os.geteuid() != 0 or _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)


def _apt_get(*arguments: str) -> str:
    """What apt-get says of its troubles, "" where it has done what it was asked."""
    ended = subprocess.run(
        ["apt-get", *arguments],
        env={**os.environ, **_QUIETLY},
        capture_output=True,
        text=True,
        check=False,
    )
    return (ended.stderr or "no reason given") if ended.returncode else ""
