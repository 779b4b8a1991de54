"""Plain-text programs: Thunderbird (format=flowed) and mutt; both answer below or between the quotes."""

from collections.abc import Callable

from unchain.demo.clients.layout import flow, has_inline_answers, localised, mark_quote, token, wrap
from unchain.demo.clients.letter import Body, Letter, Written


class Thunderbird:
    """UTF-8, eight bits, format=flowed (RFC 3676)."""

    reply_prefix = "Re: "
    forward_prefix = "Fwd: "

    def message_id(self, letter: Letter) -> str:
        """A UUID-like token at the author's domain."""
        mark = token(letter.seed, 32)
        uuid = "-".join((mark[:8], mark[8:12], mark[12:16], mark[16:20], mark[20:]))
        return f"{uuid}@{letter.author.email.rpartition('@')[2]}"

    def write(self, letter: Letter) -> Body:
        """Attribution, quote, answer, signature."""
        return Body(
            text=flow(_below(letter, _thunderbird_line), 72),
            encoding="8bit",
            text_parameters="; format=flowed",
            headers=(("User-Agent", "Mozilla Thunderbird"), ("Content-Language", _tag(letter))),
        )


class Mutt:
    """Latin-1 where it suffices, eight bits, hard-wrapped."""

    reply_prefix = "Re: "
    forward_prefix = "Fwd: "

    def message_id(self, letter: Letter) -> str:
        """Date, token and host."""
        host = letter.author.email.partition("@")[0].replace(".", "-")
        return f"{letter.sent_at:%Y%m%d%H%M%S}.{token(letter.seed, 12)}@{host}.boreal.example"

    def write(self, letter: Letter) -> Body:
        """Attribution, quote, answer, signature."""
        text = wrap(_below(letter, _mutt_line), 72)
        return Body(
            text=text,
            charset="iso-8859-1",
            encoding="8bit",
            headers=(("User-Agent", "Mutt/2.2.12 (2023-09-09)"),),
        )


def _below(letter: Letter, attribution_line: Callable[[Letter, Written], str]) -> str:
    own = letter.own_text.strip("\n")
    older = letter.quoted
    if older is None:
        text = own
    elif letter.forward:
        text = f"{own}\n\n{_forwarded(letter, older)}"
    elif has_inline_answers(own):
        text = f"{attribution_line(letter, older)}\n{own}"
    else:
        text = (
            f"{attribution_line(letter, older)}\n{mark_quote(older.letter.own_text.strip(chr(10)))}\n\n{own}"
        )
    return f"{text}\n\n-- \n{letter.author.signature}" if letter.author.signature else text


def _forwarded(reader: Letter, older: Written) -> str:
    title, subject, sender = (
        ("-------- Message transféré --------", "Sujet :", "De :")
        if reader.author.language == "fr"
        else ("-------- Forwarded Message --------", "Subject:", "From:")
    )
    rows = f"{title}\n{subject} {older.letter.subject}\n{sender} {older.letter.sender}"
    return f"{rows}\n\n{older.body.text}"


def _thunderbird_line(reader: Letter, older: Written) -> str:
    local = older.letter.sent_at.astimezone(reader.sent_at.tzinfo)
    if reader.author.language == "fr":
        return f"Le {local:%Y-%m-%d} à {local:%H:%M}, {older.letter.author.name} a écrit :"
    when = localised(local, "y-MM-dd h:mm a", "en")
    return f"On {when}, {older.letter.author.name} wrote:"


def _mutt_line(reader: Letter, older: Written) -> str:
    local = older.letter.sent_at.astimezone(reader.sent_at.tzinfo)
    if reader.author.language == "fr":
        when = localised(local, "EEE dd MMM y 'à' HH:mm:ss", "fr")
        return f"Le {when}, {older.letter.author.name} a écrit :"
    return f"On {local:%a, %b %d, %Y at %I:%M:%S%p %z}, {older.letter.author.name} wrote:"


def _tag(letter: Letter) -> str:
    return "fr-CA" if letter.author.language == "fr" else "en-CA"
