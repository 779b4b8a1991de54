"""Writes the demo's config.toml: the company, its groups, three spaces of the commons, and its rules."""

import json
from pathlib import Path

from unchain.demo.script import Company, Group

_SETTINGS = """\
# The demo's config. Everything here is explained by `unchain check --schema`; change a rule while the demo
# runs and see what becomes of the next thread.

[organisation]
name = {name}
domains = [{domain}]
languages = ["en", "fr"]
url = "http://127.0.0.1:{web_port}"
admins = ["jean-philippe.caron@boreal.example"]

[store]
url = "sqlite:///var/unchain.db"

[ingest.smtp]
listen = "127.0.0.1:{smtp_port}"
mode = "relay"
next_hop = "127.0.0.1:{sink_port}"   # the demo's own sink: it keeps everything and delivers nothing
hostname = "relay.boreal.example"

[settle]
quiet = 3.0      # seconds; a real company waits half an hour
messages = 40

[worker]
lease = 20.0     # seconds; short, so that a demo that was killed goes on soon

[outbound]
first_retry = 2.0

[web]
listen = "127.0.0.1:{web_port}"

[budget]         # three weeks of mail arrive within seconds, so the usual limits an hour are too low here
thread = {{ hour = 400, day = 800 }}
recipient = {{ hour = 400, day = 800 }}
domain = {{ hour = 8000, day = 16000 }}
system = {{ hour = 8000, day = 16000 }}
"""

_SPACES_AND_RULES = """
[[spaces]]
name = "wiki"
title = "Wiki"
audience = "everyone"
connector = { type = "commons", form = "wiki" }

[[spaces]]
name = "blog"
title = "Blog"
audience = "everyone"
connector = { type = "commons", form = "blog" }

[[spaces]]
name = "stream"
title = "Stream"
audience = "everyone"
connector = { type = "commons", form = "stream" }

# The first rule that fits decides. Sensitive, private, automatic and external mail never gets this far:
# gates before the rules keep it in the mail.
[[rules]]
name = "Human resources stay in the mail"
when = [{ list = "rh@boreal.example" }]
to = "mail"

[[rules]]
name = "Answered questions become wiki pages"
when = [
    { kind = "question", confidence = 0.5, moves = true },
    { messages = { min = 2 } },
    { participants = { min = 3 } },
]
to = "wiki"
stage = "move"

[[rules]]
name = "Know-how becomes wiki pages"
when = [{ kind = "knowledge", confidence = 0.5, moves = true }, { participants = { min = 3 } }]
to = "wiki"
stage = "move"

[[rules]]
name = "Long discussions become blog posts with comments"
when = [{ kind = "discussion", confidence = 0.5, moves = true }, { messages = { min = 5 } }]
to = "blog"
stage = "move"

[[rules]]
name = "Announcements become blog posts"
when = [{ kind = "announcement", confidence = 0.5, moves = true }, { participants = { min = 3 } }]
to = "blog"
stage = "move"

[[rules]]
name = "Short discussions and updates go to the stream"
when = [{ kind = ["discussion", "update"], confidence = 0.5, moves = true }, { participants = { min = 3 } }]
to = "stream"
stage = "move"
"""


def write_config(folder: Path, company: Company, *, smtp_port: int, sink_port: int, web_port: int) -> Path:
    """Write config.toml into `folder`, all on this machine's loopback address; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.toml"
    settings = _SETTINGS.format(
        name=_quoted(company.name),
        domain=_quoted(company.domain),
        smtp_port=smtp_port,
        sink_port=sink_port,
        web_port=web_port,
    )
    groups = "".join(_group(group, company) for group in company.groups)
    path.write_text(settings + groups + _SPACES_AND_RULES, encoding="utf-8")
    return path


def _group(group: Group, company: Company) -> str:
    lines = ["", "[[groups]]", f"name = {_quoted(group.name)}"]
    if group.everyone:
        lines.append("everyone = true")
    if group.members:
        lines.append(f"members = {_listed([company.person(key).email for key in group.members])}")
    addresses = [one.email for one in company.lists if one.group == group.name]
    if addresses:
        lines.append(f"addresses = {_listed(addresses)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _listed(values: list[str]) -> str:
    return "[\n" + "".join(f"    {_quoted(value)},\n" for value in values) + "]"
