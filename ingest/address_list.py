"""Reading a list of addresses as clients of forty years wrote them (RFC 822, 5322 section 3.4, 6532).

One pass, linear: groups, comments, routes, names with commas and without quotes, encoded words with
anything in them, brackets that never close. What names somebody but is no address is told, not dropped.
"""

import html
import re
from dataclasses import dataclass, field

from domain.mail import Address
from ingest.charsets import scalar
from ingest.encoded_words import decode_text

# Some two thousand people: of more nobody can be sure, and that is told.
_LONGEST = 80_000
_MOST_UNREAD = 100
_ENCODED = re.compile(r"=\?[^?\s\"<>]{1,60}\?[BbQq]\?[^?\r\n]{0,1000}\?=")
_PIECE = re.compile(
    rf"(?P<word>{_ENCODED.pattern})"
    r"|(?P<pair>\\.)"
    r'|(?P<quoted>"[^"\\]*(?:\\.[^"\\]*)*")'
    r'|(?P<angle><(?:"[^"\\]{0,200}(?:\\.[^"\\]{0,200}){0,20}"@[^<>]*|[^<>]*)>)'
    r'|(?P<mark>[,;:()<>"])'
    r"|(?P<text>[^\\\"<>,;:()=]+|.)",
    re.DOTALL,
)
# Looser than the RFC: what other systems took for an address; but no list, group or route.
_EMAIL = re.compile(r'(?:"[^"\\]*(?:\\.[^"\\]*)*"|[^\s<>(),:;"]+)@(?:\[[^\s<>()"\[\]]+\]|[^\s<>(),:;"@]+)')
_NEEDLESS = re.compile(r'"([\w!#$%&*+/=?^`{|}~-]+(?:\.[\w!#$%&*+/=?^`{|}~-]+)*)"@')
_AT = re.compile(r"^(\S+) (?:at|AT|\(at\)) (\S+\.\S+)$")
_BLANKS = re.compile(r"[\s\x00-\x1f]+")
_AROUND = re.compile(r" ?([.@]) ?")
_COMMENT = re.compile(r"\([^()]*\)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# Marks that nobody sees: in an address they are a slip of copying, in a name they turn its letters around.
_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_SCHEMES = ("mailto", "smtp")
_NOBODY = re.compile(r"undisclosed|unlisted|unspecified|suppressed|recipient list|no[ -]to[ -]header", re.I)
_SURNAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .’'‐()-]){0,60}")


@dataclass(kw_only=True)
class AddressList:
    """The addresses of a value in order, and the pieces of it that name somebody without an address."""

    addresses: list[Address] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_list(value: str) -> AddressList:
    """Whatever in a value can be meant as an address, also `name address` and `user at host`. Linear."""
    found = _read(value[:_LONGEST], depth=0)
    if len(value) > _LONGEST:
        found.unread.append("…")
    return found


def mailbox_of(text: str) -> str:
    """The address that stands in a text and nothing else does; "" where it is none. Not lower case."""
    if "=?" in text:
        text = decode_text(text)
    text = _BLANKS.sub(" ", _UNSEEN.sub("", text)).strip()
    hidden = _AT.match(text)
    text = f"{hidden.group(1)}@{hidden.group(2)}" if hidden is not None else text
    if len(text) > 1_000:
        return ""
    for _ in range(3 if "(" in text and not text.startswith('"') else 0):  # comments may hold comments
        text = _COMMENT.sub("", text)
    text = _BLANKS.sub(" ", text).strip()
    if text.startswith("@"):  # a route (RFC 5322 section 4.4)
        text = text.rpartition(":")[2]
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in _SCHEMES:
        text = rest.partition("?")[0]
    for quote in "'\"":
        if len(text) > 2 and text[0] == text[-1] == quote:
            text = text[1:-1].strip()
    unquoted = text.rfind('"') + 1  # where a quoted local part ends
    text = text[:unquoted] + _AROUND.sub(r"\1", text[unquoted:]).rstrip(".")
    if (needless := _NEEDLESS.match(text)) is not None:
        text = f"{needless[1]}@{text[needless.end() :]}"
    return text if len(text) <= 320 and _EMAIL.fullmatch(text) else ""


def address_of(email: str, name: str) -> Address:
    """An address with its display name decoded and free of quotes and of marks that nobody sees."""
    display = _BLANKS.sub(" ", _UNSEEN.sub("", decode_text(name))).strip()
    if display.startswith('"'):
        display = display.strip('"').replace('\\"', '"').replace("\\\\", "\\")
    display = display.strip().strip("'").strip()
    lowered = scalar(email).strip().lower()
    return Address(email=lowered, name="" if display.lower() == lowered else scalar(display)[:200])


def _read(value: str, *, depth: int) -> AddressList:
    if "&lt;" in value and "<" not in value:
        value = html.unescape(value)
    reader = _Reader(depth)
    reader.run(value)
    if reader.commenting:  # a comment that never ends would swallow those behind it
        reader = _Reader(depth)
        reader.run(value.replace("(", " ").replace(")", " "))
    reader.end_item()
    reader.give_up_waiting()
    return reader.found


class _Reader:
    """The state of one pass: the item being read, and pieces before commas that may begin a name."""

    def __init__(self, depth: int) -> None:
        self.found = AddressList()
        self.commenting = 0
        self._depth = depth
        self._waiting: list[str] = []
        self._comment: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._phrase: list[str] = []
        self._comments: list[tuple[int, str]] = []  # how much of the phrase stands before it
        self._open = 0  # addresses of this item
        self._given = False  # whether its last address has a name
        self._at = False  # whether the phrase has an @
        self._broken = ""  # what stood in brackets and is no address

    def run(self, value: str) -> None:
        """Take up every piece of a value."""
        for match in _PIECE.finditer(value):
            kind, piece = match.lastgroup, match.group()
            if kind == "mark" and piece in "()":
                self._parenthesis(piece)
            elif self.commenting:
                self._comment.append(piece[1:] if kind == "pair" else piece)
            elif kind == "mark":
                self._mark(piece)
            elif kind == "angle":
                self._angle(piece[1:-1])
            elif kind == "quoted":
                self._at = self._at or "@" in piece
                inner = piece if value.startswith("@", match.end()) else piece[1:-1]
                self._phrase.append(_ESCAPED.sub(r"\1", inner) if "\\" in inner else inner)
            else:
                self._phrase.append(piece[1:] if kind == "pair" else piece)
                self._at = self._at or "@" in piece

    def _parenthesis(self, piece: str) -> None:
        if self.commenting and (piece == "(" or self.commenting > 1):
            self._comment.append(piece)
        self.commenting = max(0, self.commenting + (1 if piece == "(" else -1))
        if piece == ")" and not self.commenting and self._comment:
            self._comments.append((len(self._phrase), "".join(self._comment).strip()))
            self._comment = []

    def _mark(self, piece: str) -> None:
        if piece == ",":
            self.end_item()
        elif piece == ";":
            self.end_item()
            self.give_up_waiting()
        elif piece == ":" and self._names_group():
            self.give_up_waiting()
            self._begin()
        else:
            self._phrase.append(":" if piece == ":" else " ")

    def _names_group(self) -> bool:
        ahead = "".join(self._phrase[-2:])[-20:].rstrip().lower()
        return not (self._at or self._open or ahead.endswith(_SCHEMES))

    def _angle(self, inside: str) -> None:
        email = mailbox_of(inside)
        if not email:
            self._broken = self._broken or inside.strip()
            return
        name = self._named()
        if self._waiting and not self._open:
            if all(_begins_name(word) for word in self._waiting):
                name = ", ".join((*self._waiting, name)) if name else ", ".join(self._waiting)
                self._waiting = []
            self.give_up_waiting()
        self._add(email, name)
        self._given = bool(name)
        self._phrase, self._comments = [], []

    def _named(self) -> str:
        """The words so far with the comments among them, or the comment where there are no words."""
        words = "".join(self._phrase).strip(" ,")
        if not words:
            return " ".join(comment for _, comment in self._comments)
        if not self._comments:
            return words
        pieces: list[str] = []
        last = 0
        for place, comment in self._comments:
            pieces.extend(("".join(self._phrase[last:place]).strip(), f"({comment})"))
            last = place
        pieces.append("".join(self._phrase[last:]).strip())
        return " ".join(piece for piece in pieces if piece)

    def _add(self, email: str, name: str) -> None:
        self.found.addresses.append(address_of(email, name))
        self._open += 1

    def end_item(self) -> None:
        """Take what was gathered since the last comma as one item."""
        words = "".join(self._phrase).strip()
        comment = " ".join(comment for _, comment in self._comments)
        opened = self._open
        if words:
            self._words(words, comment)
        if opened and opened == self._open and not self._given:
            last = self.found.addresses[-1]
            self.found.addresses[-1] = address_of(last.email, words.strip(" ,") or comment)
        elif not self._open and (words or self._broken):
            self._waiting.append(" ".join(filter(None, (words, self._broken))))
        if self._open or len(self._waiting) > 3:
            self.give_up_waiting()
        self._begin()

    def _words(self, words: str, comment: str) -> None:
        """Addresses without brackets among the words."""
        encoded = _ENCODED.search(words) is not None
        if not (self._at or encoded or comment == "at" or " at " in words.lower()):
            return
        if comment == "at":
            words = " at ".join(words.split()) if len(words.split()) == 2 else words
        email = "" if encoded else mailbox_of(words)
        if email:
            self._add(email, "" if comment == "at" else comment)
            return
        name: list[str] = []
        for token in (_ENCODED.sub(r" \g<0> ", words) if encoded else words).split():
            email = mailbox_of(token.strip("[]'\"")) if "@" in token else ""
            if email:
                self._add(email, " ".join(name) or comment)
                name = []
            else:
                name.append(token)
        if self._open and name and self.found.addresses[-1].name in ("", comment):
            self.found.addresses[-1] = address_of(self.found.addresses[-1].email, " ".join(name))
        if not self._open and encoded and not self._depth:
            self._encoded(words)

    def _encoded(self, words: str) -> None:
        """Some programs encode the address with the name."""
        inside = _read(decode_text(words), depth=1)
        self.found.addresses.extend(inside.addresses)
        self._open += len(inside.addresses)

    def give_up_waiting(self) -> None:
        """What waits for the rest of a name gets none: it stands for somebody by itself."""
        if len(self.found.unread) < _MOST_UNREAD:
            self.found.unread.extend(
                decode_text(word)[:200] for word in self._waiting if word and not _NOBODY.search(word)
            )
        self._waiting = []


def _begins_name(words: str) -> bool:
    """Whether words before a comma are part of a name, as in `Doe, John <…>`, and no user of this host."""
    text = decode_text(words)
    return _SURNAME.fullmatch(text) is not None and not (text.isascii() and text.islower() and text.isalpha())
