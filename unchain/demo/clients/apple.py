"""Apple's two: Mail on the Mac (plain text) and the phone, whose last line names the device."""

import html

from unchain.demo.clients.layout import html_blocks, html_lines, localised, mark_quote, token
from unchain.demo.clients.letter import Body, Letter, Written

_DEVICE = {"en": "Sent from my iPhone", "fr": "Envoyé de mon iPhone"}


class AppleMail:
    """Mail on the Mac: plain text with long lines, quoted-printable."""

    reply_prefix = "Re: "
    forward_prefix = "Fwd: "

    def message_id(self, letter: Letter) -> str:
        """A UUID at the author's domain."""
        mark = token(letter.seed, 32).upper()
        uuid = "-".join((mark[:8], mark[8:12], mark[12:16], mark[16:20], mark[20:]))
        return f"{uuid}@{letter.author.email.rpartition('@')[2]}"

    def write(self, letter: Letter) -> Body:
        """Own words, signature, attribution and the older mail in marks."""
        text = letter.own_text.strip("\n")
        if letter.author.signature:
            text += f"\n\n{letter.author.signature}"
        if letter.quoted is not None:
            line = mark_quote(attribution(letter, letter.quoted))
            text += f"\n\n{line}\n>\n{mark_quote(letter.quoted.body.text)}"
        return Body(text=text, headers=(("X-Mailer", "Apple Mail (2.3774.600.62)"),))


class Phone(AppleMail):
    """The phone: short, with HTML, the device named above the quote."""

    def write(self, letter: Letter) -> Body:
        """Own words, the device line, attribution and the older mail."""
        device = _DEVICE[letter.author.language]
        text = f"{letter.own_text.strip(chr(10))}\n\n{device}"
        markup = (
            f'<div dir="ltr">{html_blocks(letter.own_text, "<div>{}</div>", "<div><br></div>")}</div>'
            f'<div dir="ltr"><br></div><div dir="ltr">{device}</div>'
        )
        if letter.quoted is not None:
            line = attribution(letter, letter.quoted)
            inner = letter.quoted.body.html or html_lines(letter.quoted.body.text)
            text += f"\n\n> {line}\n>\n{mark_quote(letter.quoted.body.text)}"
            markup += (
                f'<div dir="ltr"><br><blockquote type="cite">{html.escape(line, quote=False)}<br><br>'
                f'</blockquote></div><blockquote type="cite"><div dir="ltr">{inner}</div></blockquote>'
            )
        return Body(text=text, html=markup, headers=(("X-Mailer", "iPhone Mail (23B85)"),))


def attribution(reader: Letter, older: Written) -> str:
    """ "On … wrote:" in the reader's language, as Apple's programs put it."""
    local = older.letter.sent_at.astimezone(reader.sent_at.tzinfo)
    if reader.author.language == "fr":
        when = localised(local, "d MMM y 'à' HH:mm", "fr")
        return f"Le {when}, {older.letter.sender} a écrit :"
    clock = local.strftime("%I:%M %p").lstrip("0")
    return f"On {local.strftime('%b')} {local.day}, {local.year}, at {clock}, {older.letter.sender} wrote:"
