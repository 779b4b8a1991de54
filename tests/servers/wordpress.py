"""A real WordPress for tests: Debian's package on a MariaDB of its own, under PHP's own web server."""

import contextlib
import json
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import debian, php
from tests.servers.processes import START, free_port, run, running, tail

CODE = Path("/usr/share/wordpress")
CONTENT = Path("/var/lib/wordpress/wp-content")
BOT = "unchain"  # an editor
PERSON = "alice"  # a subscriber, who may only comment
_ROLES = {BOT: "editor", PERSON: "subscriber"}
_CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HOME', '{url}'); define('WP_SITEURL', '{url}');
define('WP_ENVIRONMENT_TYPE', 'local');  // application passwords without TLS
define('AUTOMATIC_UPDATER_DISABLED', true); define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
foreach ( [ 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ] as $name ) {
	define( $name . '_KEY', '{secret}' . $name ); define( $name . '_SALT', $name . '{secret}' );
}
$table_prefix = 'wp_';
if ( !defined('ABSPATH') ) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
"""
# Addresses such as /wp-json/ are not files; WordPress's index.php answers them.
_ROUTER = """<?php
$root = $_SERVER['DOCUMENT_ROOT'];
$path = urldecode( parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) );
if ( is_file( $root . $path ) || $path !== '/' && is_file( rtrim( $root . $path, '/' ) . '/index.php' ) ) {
	return false;
}
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = $root . '/index.php';
chdir( $root );
require $root . '/index.php';
"""
_SET_UP = """<?php
[ , $www, $host, $roles ] = $argv;
$_SERVER += [ 'HTTP_HOST' => $host, 'REQUEST_URI' => '/', 'SERVER_PROTOCOL' => 'HTTP/1.1',
	'REQUEST_METHOD' => 'GET', 'REMOTE_ADDR' => '127.0.0.1' ];
define( 'WP_INSTALLING', true );
function wp_mail() { return true; }  // nobody is told by mail
require "$www/wp-load.php";
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install( 'Blog', 'admin', 'admin@example.com', true, '', bin2hex( random_bytes( 12 ) ) );
global $wp_rewrite;
$wp_rewrite->set_permalink_structure( '/%year%/%monthnum%/%postname%/' );
$wp_rewrite->flush_rules( false );
update_option( 'comment_previously_approved', 0 );
wp_delete_post( 1, true );
$passwords = [];
foreach ( json_decode( $roles, true ) as $name => $role ) {
	$id = wp_insert_user( [ 'user_login' => $name, 'user_pass' => bin2hex( random_bytes( 12 ) ),
		'user_email' => "$name@example.com", 'role' => $role ] );
	$made = WP_Application_Passwords::create_new_application_password( $id, [ 'name' => 'tests' ] );
	$passwords[$name] = $made[0];
}
echo "\\npasswords: ", json_encode( $passwords ), "\\n";
"""


@dataclass(frozen=True, kw_only=True)
class WordPress:
    """A running blog; its first sample post is gone, a sample page remains."""

    url: str  # without a slash at its end
    folder: Path
    passwords: dict[str, str]  # application passwords, by the name of the account

    def php(self, program: str) -> str:
        """What a few lines of PHP inside of WordPress print, for example to change an option."""
        loading = f"$_SERVER['HTTP_HOST'] = 'localhost'; require '{self.folder}/www/wp-load.php'; "
        return run(["php", "-d", "sendmail_path=/bin/true", "-r", loading + program])

    def reset(self) -> None:
        """Remove all posts, files, comments, categories and tags that a test has made."""
        self.php(
            'global $wpdb; foreach ($wpdb->get_col("SELECT ID FROM $wpdb->posts WHERE '
            "post_type IN ('post', 'attachment', 'revision') OR post_status = 'trash'\") as $id) "
            "wp_delete_post($id, true); "
            "foreach (get_terms(['taxonomy' => ['post_tag', 'category'], 'hide_empty' => false]) as $term) "
            "wp_delete_term($term->term_id, $term->taxonomy);"
        )


def missing() -> str:
    """Why there is no WordPress to be had, "" where there is."""
    wanted = ("wordpress", "wordpress-theme-twentytwentythree", "php-mysql", "php-zip", "mariadb-server")
    return debian.without_packages(*wanted, *php.PACKAGES, *php.WEB_SERVER)


@contextlib.contextmanager
def wordpress() -> Iterator[WordPress]:
    """A running blog with two accounts: BOT and PERSON."""
    folder = Path(tempfile.mkdtemp(prefix="wordpress-"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    try:
        with _database(folder) as socket:
            passwords = _set_up(folder, url, socket)
            served = {"log": folder / "server.log", "router": folder / "router.php"}
            with php.php_server(port, folder / "www", answers="/wp-json/", **served):
                yield WordPress(url=url, folder=folder, passwords=passwords)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[Path]:
    """A MariaDB without a port; the path of its socket."""
    place, socket, log = folder / "database", folder / "database.sock", folder / "database.log"
    alone = "--auth-root-authentication-method=normal"
    run(["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={place}", "--skip-test-db", alone])
    small = ["--innodb-buffer-pool-size=48M", "--innodb-log-file-size=16M", "--performance-schema=OFF"]
    where = [f"--datadir={place}", f"--socket={socket}", f"--pid-file={place}/pid", "--skip-networking"]
    quick = ["--innodb-flush-log-at-trx-commit=0", "--character-set-server=utf8mb4"]
    command = ["mariadbd", "--no-defaults", "--user=root", *where, *small, *quick]
    with running(command, log=log) as process:
        _await_database(process, socket, log)
        run(["mariadb", "--no-defaults", "-uroot", f"--socket={socket}", "-e", "CREATE DATABASE wordpress"])
        yield socket


def _await_database(process: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    until = time.monotonic() + START
    ping = ["mariadb-admin", "--no-defaults", "-uroot", f"--socket={socket}", "ping"]
    while time.monotonic() < until:
        assert process.poll() is None, f"MariaDB ended at once: {tail(log)}"
        if subprocess.run(ping, capture_output=True, check=False).returncode == 0:
            return
        threading.Event().wait(0.1)
    raise AssertionError(f"MariaDB does not answer: {tail(log)}")


def _set_up(folder: Path, url: str, socket: Path) -> dict[str, str]:
    """Put the code into a folder of its own and install it; the application passwords."""
    shutil.copytree(CODE, folder / "www", ignore_dangling_symlinks=True)
    shutil.copytree(CONTENT, folder / "www/wp-content", dirs_exist_ok=True, ignore_dangling_symlinks=True)
    (folder / "www/wp-content/uploads").mkdir(exist_ok=True)
    filled = {"{socket}": str(socket), "{url}": url, "{secret}": secrets.token_hex(16)}
    config = _CONFIG
    for mark, value in filled.items():
        config = config.replace(mark, value)
    (folder / "www/wp-config.php").write_text(config)
    (folder / "router.php").write_text(_ROUTER)
    (folder / "set_up.php").write_text(_SET_UP)
    quiet = ["php", "-d", "sendmail_path=/bin/true", "-d", "memory_limit=256M", folder / "set_up.php"]
    said = run([*quiet, folder / "www", url.removeprefix("http://"), json.dumps(_ROLES)])
    return dict(json.loads(said.rpartition("passwords: ")[2]))
