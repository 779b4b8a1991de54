"""Gmail in a browser or on Android: the answer on top, "On … wrote:" and the older mail in gmail_quote."""

import html

from unchain.demo.clients.layout import (
    has_inline_answers,
    html_blocks,
    html_lines,
    localised,
    mark_quote,
    token,
    wrap,
)
from unchain.demo.clients.letter import Body, Letter, Written

_FORWARDED = {
    "en": ("---------- Forwarded message ---------", "From", "Date", "Subject", "To"),
    "fr": ("---------- Forwarded message ---------", "De", "Date", "Subject", "To"),
}


class Gmail:
    """Text and HTML in UTF-8; the text is wrapped, so the attribution may break over two lines."""

    reply_prefix = "Re: "
    forward_prefix = "Fwd: "

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding

    def message_id(self, letter: Letter) -> str:
        """In Gmail's manner."""
        return f"CA{token(letter.seed, 30)}@mail.boreal.example"

    def write(self, letter: Letter) -> Body:
        """Own words, the older mail in marks, the signature behind its dashes above it."""
        text = wrap(letter.own_text.strip("\n"), 72)
        markup = f'<div dir="ltr">{_divs(letter.own_text)}</div>'
        if letter.author.signature:
            text += f"\n\n-- \n{letter.author.signature}"
            markup += (
                '<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br>'
                '<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">'
                f'<div dir="ltr">{html_lines(letter.author.signature)}</div></div>'
            )
        older = None if has_inline_answers(letter.own_text) and not letter.forward else letter.quoted
        if older is not None and letter.forward:
            text, markup = text + _forwarded(letter, older), markup + _forwarded_html(letter, older)
        elif older is not None:
            line = _attribution(letter, older)
            text += f"\n\n{wrap(line, 78)}\n\n{mark_quote(older.body.text)}"
            markup += _quote_html(line, older)
        elif letter.quoted is not None:
            line = _attribution(letter, letter.quoted)
            text = f"{wrap(line, 78)}\n\n{text}"
            markup = f'<div dir="ltr" class="gmail_attr">{html.escape(line, quote=False)}<br></div>{markup}'
        return Body(text=text, html=markup, encoding=self._encoding)


def _attribution(reader: Letter, older: Written) -> str:
    language = reader.author.language
    local = older.letter.sent_at.astimezone(reader.sent_at.tzinfo)
    if language == "fr":
        when = localised(local, "EEE d MMM y 'à' HH 'h' mm", "fr")
        return f"Le {when}, {older.letter.sender} a écrit :"
    when = (
        local.strftime("%a, %b ") + f"{local.day}, {local.year} at {local.strftime('%I:%M %p').lstrip('0')}"
    )
    return f"On {when} {older.letter.sender} wrote:"


def _quote_html(line: str, older: Written) -> str:
    inner = older.body.html if older.body.html is not None else html_lines(older.body.text)
    return (
        '<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f"{html.escape(line, quote=False)}<br></div>"
        '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid '
        f'rgb(204,204,204);padding-left:1ex">{inner}</blockquote></div>'
    )


def _forwarded_rows(reader: Letter, older: Written) -> tuple[str, list[str]]:
    title, sender, date, subject, to = _FORWARDED[reader.author.language]
    local = older.letter.sent_at.astimezone(reader.sent_at.tzinfo)
    when = localised(local, "EEE d MMM y HH:mm", reader.author.language)
    people = ", ".join(str(mailbox) for mailbox in older.letter.to)
    return title, [
        f"{sender}: {older.letter.sender}",
        f"{date}: {when}",
        f"{subject}: {older.letter.subject}",
        f"{to}: {people}",
    ]


def _forwarded(reader: Letter, older: Written) -> str:
    title, rows = _forwarded_rows(reader, older)
    return "\n\n" + "\n".join([title, *rows]) + f"\n\n\n{older.body.text}"


def _forwarded_html(reader: Letter, older: Written) -> str:
    title, rows = _forwarded_rows(reader, older)
    inner = older.body.html if older.body.html is not None else html_lines(older.body.text)
    head = "<br>".join(html.escape(row, quote=False) for row in [title, *rows])
    return (
        f'<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{head}<br></div>'
        f"<br><br>{inner}</div>"
    )


def _divs(text: str) -> str:
    return html_blocks(text, "<div>{}</div>", "\n<div><br></div>\n")
