"""Telling people from machines and lists by address, as far as an address can tell.

Used for who counts as a participant and who is written to; in doubt an address is a person for the gates
and nobody for our mails.
"""

import re
from collections.abc import Iterable

from domain.mail import Address, Message, Thread, Trim
from domain.organisation import Group

# Local parts of machines (RFC 2142, RFC 3834 section 2) and of list software, in English and French.
_ROBOT = re.compile(
    r"(?:do[._-]?not|no|ne[._-]?pas)[._-]?(?:reply|repl(?:y|ies)|repondre)(?:[._+-].*)?"
    r"|(?:mailer|mail)[._-]?daemon|postmaster|bounces?|abuse|daemon|root|www-data|nobody"
    r"|listserv|majordomo|sympa|mailman|owner-.*|.*-(?:owner|bounces?|request|admin|subscribe|unsubscribe)"
    r"|bounces?[+=-].*|notifications?|alerts?|alertes?|prvs=.*|srs[01][=+-].*"
)
# Local parts that seldom belong to one person; they are not written to even where no group names them.
_SHARED = re.compile(
    r"all|all[._-].*|everyone|everybody|staff|personnel|team|teams|tous|tous[._-].*|toutes|tout[._-]le[._-]monde"
    r"|equipe|employe(?:e|s|es)?|employees|collegues|colleagues|office|bureau|company|societe"
    r"|(?:team|equipe|group|groupe|grp|list|liste|dl|ml|dept|service)[._-].*"
    r"|.*[._-](?:team|equipe|group|groupe|list|liste|all|tous|users|members|membres|announce|annonces|discuss|dev)"
    r"|info|infos|contact|hello|bonjour|support|help|helpdesk|assistance|sales|ventes|marketing|communication|press"
    r"|presse|hr|rh|it|dsi|devs|ops|legal|juridique|compta|comptabilite|accounting|finance|billing|facturation"
    r"|direction|management|admin|admins|webmaster|hostmaster|security|securite|news|newsletter|announce|annonces"
    r"|jobs|recrutement|reception|accueil"
)
_QUOTED_ADDRESS = re.compile(r"[\w.+'-]{1,64}@((?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24})")
# "From: …", "De : …", "**Cc:** …" at the beginning of a line, whatever the language.
_HEADER_LINE = re.compile(r"[\s>|*_]{0,40}[^\W\d_][\w -]{0,24}[\s*_]{0,4}:")
_MAILTO = re.compile(r"<mailto:([^>?\s]{3,320})", re.IGNORECASE)


def is_robot(email: str) -> bool:
    """Whether the local part is one that machines and list software write from."""
    return _ROBOT.fullmatch(email.lower().rpartition("@")[0]) is not None


def is_shared(email: str) -> bool:
    """Whether the local part is one that usually reaches several people."""
    return _SHARED.fullmatch(email.lower().rpartition("@")[0]) is not None


def mailbox(email: str) -> str:
    """Whose mailbox an address leads to, as far as it tells: bob+todo@ is Bob (RFC 5233 section 1)."""
    local, at, domain = email.rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def quoted_domains(message: Message) -> frozenset[str]:
    """Domains of those whose mails a message quotes or forwards, as far as the quoted headers tell."""
    found: set[str] = set()
    for part in message.parts:
        if part.trim is Trim.ATTRIBUTION:
            found.update(_domains_in(part.text))
        elif part.trim in (Trim.QUOTE, Trim.FORWARDED):
            for line in part.text.splitlines():
                if "@" in line and _HEADER_LINE.match(line):
                    found.update(_domains_in(line))
    return frozenset(found)


def _domains_in(text: str) -> set[str]:
    return {domain.lower() for domain in _QUOTED_ADDRESS.findall(text[:5000])}


def list_addresses(thread: Thread, groups: Iterable[Group]) -> frozenset[str]:
    """The addresses in a thread that reach many: groups, List-Post (RFC 2369), List-Id (RFC 2919)."""
    known = {address for group in groups for address in group.addresses}
    found = known & thread.addresses
    for joined in thread.messages:
        found |= declared_lists(joined.message)
    return frozenset(found)


def declared_lists(message: Message) -> set[str]:
    """The addresses of lists that a message's own header names; anybody can write such a header."""
    posts = {address.lower() for address in _MAILTO.findall((message.header("list-post") or "")[:2000])}
    if message.list_id:
        dotted = bare_list_id(message.list_id)
        posts |= {
            address.email
            for address in recipients_of(message)
            if address.email.replace("@", ".") == dotted and address.email
        }
    return posts


def bare_list_id(list_id: str) -> str:
    """The identifier of a List-Id header without its phrase and brackets, lower case."""
    return list_id.rpartition("<")[2].partition(">")[0].strip().lower()


def recipients_of(message: Message) -> tuple[Address, ...]:
    """To and Cc of a message; those of Bcc stay hidden."""
    return (*message.to, *message.cc)
