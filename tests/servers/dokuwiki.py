"""A real DokuWiki for tests: Debian's package on plain files, under PHP's web server, in a fresh folder."""

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import debian, php
from tests.servers.processes import free_port, run

CODE = Path("/usr/share/dokuwiki")
BOT = "unchain"  # may post, upload and delete
PERSON = "alice"  # may edit, and upload no files
_GROUPS = {BOT: "bots,user", PERSON: "user"}
_FOLDERS = (
    "attic",
    "cache",
    "index",
    "locks",
    "log",
    "media",
    "media_attic",
    "media_meta",
    "meta",
    "pages",
    "tmp",
)
_SETTINGS = """<?php
$conf['title'] = 'Wiki';
$conf['lang'] = 'en';
$conf['savedir'] = '{folder}/data';
$conf['basedir'] = '/';
$conf['useacl'] = 1;
$conf['authtype'] = 'authplain';
$conf['superuser'] = '@admin';
$conf['passcrypt'] = 'bcrypt';
$conf['remote'] = 1;
$conf['remoteuser'] = '@user';
$conf['updatecheck'] = 0;
$conf['disableactions'] = 'register';
if ( is_file( '{folder}/more.php' ) ) { require '{folder}/more.php'; }
"""
# Rights of DokuWiki: 1 reads, 2 edits, 4 creates, 8 uploads, 16 deletes files.
_RIGHTS = "* @ALL 1\n* @user 4\n* @bots 16\nunchain:* @ALL 0\nunchain:* @user 0\nunchain:* @bots 4\n"


@dataclass(frozen=True, kw_only=True)
class DokuWiki:
    """A running wiki."""

    url: str  # without a slash at its end
    folder: Path
    passwords: dict[str, str]  # by the name of the account

    @property
    def xml_rpc(self) -> str:
        """The address of the XML-RPC interface."""
        return f"{self.url}/lib/exe/xmlrpc.php"

    def reset(self) -> None:
        """Give back the empty wiki of the beginning, with its settings."""
        (self.folder / "more.php").unlink(missing_ok=True)
        for name in _FOLDERS:
            for path in (self.folder / "data" / name).iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def settings(self, lines: str) -> Iterator[None]:
        """Run it with further lines of PHP in its settings, for example `$conf['remote'] = 0;`."""
        (self.folder / "more.php").write_text(f"<?php\n{lines}\n")
        try:
            yield
        finally:
            (self.folder / "more.php").unlink(missing_ok=True)


def missing() -> str:
    """Why there is no DokuWiki to be had, "" where there is."""
    return debian.without_packages("dokuwiki", *php.PACKAGES, *php.WEB_SERVER)


@contextlib.contextmanager
def dokuwiki() -> Iterator[DokuWiki]:
    """A running wiki with two accounts: BOT and PERSON."""
    folder = Path(tempfile.mkdtemp(prefix="dokuwiki-"))
    port = free_port()
    wiki = DokuWiki(
        url=f"http://127.0.0.1:{port}",
        folder=folder,
        passwords={name: secrets.token_hex(12) for name in _GROUPS},
    )
    try:
        _set_up(wiki)
        with php.php_server(port, folder / "www", log=folder / "server.log", answers="/doku.php"):
            yield wiki
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(wiki: DokuWiki) -> None:
    folder = wiki.folder
    # A copy of its own, for it looks for its settings from where its code is.
    code_only = shutil.ignore_patterns("install.php", "data", "conf")
    shutil.copytree(CODE, folder / "www", ignore=code_only, ignore_dangling_symlinks=True)
    shutil.copytree("/etc/dokuwiki", folder / "conf", ignore=shutil.ignore_patterns("local.protected.php"))
    for name in _FOLDERS:
        (folder / "data" / name).mkdir(parents=True)
    (folder / "www/inc/preload.php").write_text(f"<?php\ndefine('DOKU_CONF', '{folder}/conf/');\n")
    (folder / "conf/local.php").write_text(_SETTINGS.replace("{folder}", str(folder)))
    (folder / "conf/mime.local.conf").write_text("txt !text/plain\ncsv !text/csv\n")  # refused by default
    (folder / "conf/acl.auth.php").write_text(_RIGHTS)
    lines = [
        f"{name}:{_hashed(password)}:{name.title()}:{name}@example.com:{_GROUPS[name]}\n"
        for name, password in wiki.passwords.items()
    ]
    (folder / "conf/users.auth.php").write_text("".join(lines))


def _hashed(password: str) -> str:
    program = "echo password_hash($argv[1], PASSWORD_BCRYPT, ['cost' => 5]);"
    return run(["php", "-r", program, password])
