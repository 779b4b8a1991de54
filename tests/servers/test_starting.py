"""Each real server starts, answers, is empty again for the next test, and ends with all of its processes."""

import json
import os
import subprocess
import sys
import urllib.request
import xmlrpc.client
from pathlib import Path

import pytest

from tests.servers import dokuwiki as dokuwiki_server
from tests.servers import mastodon_mock as mastodon_server
from tests.servers import mediawiki as mediawiki_server
from tests.servers import synapse as synapse_server
from tests.servers.dokuwiki import DokuWiki
from tests.servers.mastodon_mock import MastodonMock
from tests.servers.mediawiki import MediaWiki
from tests.servers.processes import await_answer, free_port, running
from tests.servers.synapse import Synapse


def get(address: str, authorization: str = "") -> str:
    headers = {"Authorization": authorization} if authorization else {}
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as answer:
        return str(answer.read().decode())


def test_mediawiki_answers_by_its_api_and_knows_its_accounts(mediawiki: MediaWiki) -> None:
    names = f"{mediawiki_server.BOT}|{mediawiki_server.PERSON}"
    asked = f"action=query&list=users&ususers={names}&usprop=groups&meta=siteinfo&format=json&formatversion=2"
    answer = json.loads(get(f"{mediawiki.api}?{asked}"))["query"]

    assert answer["general"]["generator"].startswith("MediaWiki 1.39")
    bot, person = (set(user["groups"]) for user in answer["users"])
    assert {"bot", "sysop"} <= bot
    assert not {"bot", "sysop"} & person


def test_mediawiki_takes_further_settings_for_a_while(mediawiki: MediaWiki) -> None:
    asked = f"{mediawiki.api}?action=query&meta=siteinfo&format=json&formatversion=2"
    with mediawiki.settings("$wgReadOnly = 'The backup is running.';"):
        assert json.loads(get(asked))["query"]["general"]["readonly"]
    assert not json.loads(get(asked))["query"]["general"]["readonly"]


def test_dokuwiki_answers_by_xml_rpc_and_forgets_at_a_reset(dokuwiki: DokuWiki) -> None:
    name, password = dokuwiki_server.BOT, dokuwiki.passwords[dokuwiki_server.BOT]
    wiki = xmlrpc.client.ServerProxy(dokuwiki.xml_rpc.replace("://", f"://{name}:{password}@"))

    assert str(wiki.dokuwiki.getVersion()).startswith("Release 2022-07-31")
    assert wiki.wiki.putPage("tests:one", "Some words.", {})
    assert "Some words." in get(f"{dokuwiki.url}/doku.php?id=tests:one")

    dokuwiki.reset()

    assert wiki.wiki.getPage("tests:one") == ""


def test_synapse_knows_its_accounts_and_keeps_a_room(synapse: Synapse) -> None:
    bot = synapse_server.BOT
    assert synapse.call("GET", "/account/whoami", bot)["user_id"] == synapse.user(bot)

    room = synapse.call("POST", "/createRoom", bot, {"name": "Questions"})["room_id"]

    assert room in synapse.call("GET", "/joined_rooms", bot)["joined_rooms"]  # type: ignore[operator]


def test_the_imitation_of_mastodon_knows_its_accounts(mastodon_mock: MastodonMock) -> None:
    bearer = f"Bearer {mastodon_mock.tokens[mastodon_server.BOT]}"
    account = json.loads(get(f"{mastodon_mock.url}/api/v1/accounts/verify_credentials", bearer))

    assert account["username"] == mastodon_server.BOT


def test_a_server_ends_with_the_processes_it_has_started(tmp_path: Path) -> None:
    program = (
        "import http.server, subprocess, sys; "
        "child = subprocess.Popen([sys.executable, '-c', 'import threading; threading.Event().wait()']); "
        "open('child', 'w').write(str(child.pid)); "
        f"http.server.HTTPServer(('127.0.0.1', {(port := free_port())}), "
        "http.server.SimpleHTTPRequestHandler).serve_forever()"
    )
    log = tmp_path / "log"
    with running([sys.executable, "-c", program], log=log, folder=tmp_path) as process:
        await_answer(process, port, "/child", log)
        child = int((tmp_path / "child").read_text())
        os.kill(child, 0)

    assert process.returncode is not None
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(child)], capture_output=True, text=True, check=False
    )
    assert state.stdout.strip() in ("", "Z", "Zs")  # gone, or only its number is left


def test_a_server_that_ends_at_once_is_reported_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        running([sys.executable, "-c", "raise SystemExit('no room')"], log=log) as process,
        pytest.raises(AssertionError, match="no room"),
    ):
        await_answer(process, free_port(), "/", log)
