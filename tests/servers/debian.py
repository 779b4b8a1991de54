"""Programs of Debian that tests need and a bare machine lacks; installs by apt, starts nothing."""

import os
import shutil
import subprocess

_QUIETLY = {"DEBIAN_FRONTEND": "noninteractive"}
_INSTALL = ("-o", "DPkg::Lock::Timeout=120", "install", "-y", "-qq", "--no-install-recommends")


def without(program: str, package: str) -> str:
    """Why a program is not to be had, "" where it is; as root its package is installed first."""
    if shutil.which(program):
        return ""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return f"{program} is not installed, and only root can install it by apt-get"
    said = install(package)
    return "" if shutil.which(program) else f"{program} could not be installed: {said[-200:]}"


def install(package: str) -> str:
    """Install a package as root; what apt-get says of its troubles, "" where it has none."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return f"only root can install {package} by apt-get"
    # Where the lists of packages are there already, asking for them again would only take time.
    if not _apt_get(*_INSTALL, package):
        return ""
    return _apt_get("update", "-qq") + _apt_get(*_INSTALL, package)


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
