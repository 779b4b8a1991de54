"""A real MediaWiki for tests: Debian's package on SQLite, under PHP's own web server, in a fresh folder."""

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import debian, php
from tests.servers.processes import free_port, run

CODE = Path("/usr/share/mediawiki")
BOT = "Unchain"  # may post, upload and delete
PERSON = "Alice"  # may only edit
_GRANTS = {
    BOT: "basic,highvolume,editpage,createeditmovepage,uploadfile,uploadeditmovefile,delete,editmywatchlist",
    PERSON: "basic,editpage,createeditmovepage",
}
_STATE = ("data", "images", "cache")
_SETTINGS = """
$wgEnableUploads = true;
$wgFileExtensions = array_merge( $wgFileExtensions, [ 'txt', 'pdf', 'csv' ] );
$wgUploadDirectory = __DIR__ . '/images';
$wgUploadPath = '/images';
$wgCacheDirectory = __DIR__ . '/cache';
$wgMainCacheType = CACHE_DB;
$wgEnableEmail = false;
$wgGroupPermissions['*']['edit'] = false;
$wgGroupPermissions['*']['createaccount'] = false;
if ( is_file( __DIR__ . '/more.php' ) ) { require __DIR__ . '/more.php'; }
"""
# PHP's server finds scripts under the code; uploaded files are elsewhere.
_ROUTER = """<?php
$path = urldecode( parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) );
if ( strpos( $path, '/images/' ) !== 0 || strpos( $path, '..' ) !== false ) { return false; }
$file = __DIR__ . $path;
if ( !is_file( $file ) ) { http_response_code( 404 ); return true; }
header( 'Content-Type: ' . mime_content_type( $file ) );
readfile( $file );
"""


@dataclass(frozen=True, kw_only=True)
class MediaWiki:
    """A running wiki; passwords are bot passwords."""

    url: str  # without a slash at its end
    folder: Path
    passwords: dict[str, str]  # by the name of the account

    @property
    def api(self) -> str:
        """The address of the action API."""
        return f"{self.url}/api.php"

    def login(self, account: str) -> str:
        """The name that goes with a bot password."""
        return f"{account}@tests"

    def reset(self) -> None:
        """Give back the empty wiki of the beginning, with its settings."""
        (self.folder / "more.php").unlink(missing_ok=True)
        for name in _STATE:
            _remove(self.folder / name)
            shutil.copytree(self.folder / "empty" / name, self.folder / name)

    @contextlib.contextmanager
    def settings(self, lines: str) -> Iterator[None]:
        """Run it with further lines of PHP in its settings, for example `$wgReadOnly = 'backup';`."""
        (self.folder / "more.php").write_text(f"<?php\n{lines}\n")
        try:
            yield
        finally:
            (self.folder / "more.php").unlink(missing_ok=True)


def missing() -> str:
    """Why there is no MediaWiki to be had, "" where there is."""
    return debian.without_packages("mediawiki", "php-sqlite3", *php.PACKAGES, *php.WEB_SERVER)


@contextlib.contextmanager
def mediawiki() -> Iterator[MediaWiki]:
    """A running wiki with two accounts: BOT and PERSON."""
    folder = Path(tempfile.mkdtemp(prefix="mediawiki-"))
    port = free_port()
    wiki = MediaWiki(
        url=f"http://127.0.0.1:{port}",
        folder=folder,
        passwords={name: secrets.token_hex(16) for name in _GRANTS},  # 32 of 0-9a-v, as it wants them
    )
    try:
        _set_up(wiki)
        environment = {"MW_CONFIG_FILE": str(folder / "LocalSettings.php"), "MW_INSTALL_PATH": str(CODE)}
        log = folder / "server.log"
        asked = "/api.php?action=query&meta=siteinfo&format=json"
        with php.php_server(port, CODE, log=log, answers=asked, router=folder / "router.php", **environment):
            yield wiki
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(wiki: MediaWiki) -> None:
    for name in _STATE:
        (wiki.folder / name).mkdir()
    (wiki.folder / "router.php").write_text(_ROUTER)
    database = ("--dbtype", "sqlite", "--dbname", "wiki", "--dbpath", str(wiki.folder / "data"))
    place = ("--confpath", str(wiki.folder), "--server", wiki.url, "--scriptpath", "", "--lang", "en")
    run(["php", CODE / "maintenance/install.php", *database, *place, "--pass", _password(), "Wiki", "Admin"])
    with (wiki.folder / "LocalSettings.php").open("a") as settings:
        settings.write(_SETTINGS)
    for name, password in wiki.passwords.items():
        _maintain(wiki, "createAndPromote", *(["--bot"] if name == BOT else []), name, _password())
        _maintain(wiki, "createBotPassword", "--appid", "tests", "--grants", _GRANTS[name], name, password)
    _maintain(wiki, "createAndPromote", "--force", "--sysop", BOT)  # a right needs the user and the grant
    for name in _STATE:
        shutil.copytree(wiki.folder / name, wiki.folder / "empty" / name)


def _remove(folder: Path) -> None:
    """Remove a folder from which a request that is not quite over may remove files too."""
    while folder.exists():
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)


def _maintain(wiki: MediaWiki, script: str, *arguments: str) -> None:
    settings = str(wiki.folder / "LocalSettings.php")
    run(["php", CODE / f"maintenance/{script}.php", "--conf", settings, *arguments], MW_CONFIG_FILE=settings)


def _password() -> str:
    return secrets.token_hex(12)
