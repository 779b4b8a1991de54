"""Outlook: HTML with a text twin, the answer on top, the older mail below a header block without marks.

The classic variant sends plain text in Windows-1252 with "-----Original Message-----" above the block.
"""

import html

from unchain.demo.clients.layout import html_blocks, html_lines, localised, token, wrap
from unchain.demo.clients.letter import Body, Letter, Mailbox, Written

_LABELS = {
    "en": ("From:", "Sent:", "To:", "Cc:", "Subject:"),
    "fr": ("De :", "Envoyé :", "À :", "Cc :", "Objet :"),
}
_DATES = {"en": "MMMM d, y h:mm a", "fr": "d MMMM y HH:mm"}
_ORIGINAL = {"en": "-----Original Message-----", "fr": "-----Message d'origine-----"}
_STYLE = "font-size:11.0pt;font-family:Calibri,sans-serif"


class Outlook:
    """The desktop program of most offices: multipart/alternative, UTF-8, quoted-printable."""

    def __init__(self, forward_prefix: str) -> None:
        self.reply_prefix = "RE: "
        self.forward_prefix = forward_prefix

    def message_id(self, letter: Letter) -> str:
        """In the manner of Exchange."""
        mark = token(letter.seed, 32).upper()
        return f"YT3PR01MB{mark[:8]}{mark[8:]}@YT3PR01MB{mark[:4]}.prod.mail.example"

    def write(self, letter: Letter) -> Body:
        """Own words, signature, a line, the header block and the whole older mail."""
        text, markup = letter.own_text.strip("\n"), _paragraphs(letter.own_text)
        if letter.author.signature:
            text += f"\n\n{letter.author.signature}"
            markup += f'<p class="MsoNormal">&nbsp;</p>{_signature(letter.author.signature)}'
        if letter.author.disclaimer:
            text += f"\n\n{letter.author.disclaimer}"
            notice = html.escape(letter.author.disclaimer, quote=False)
            markup += f'<p style="font-size:8.0pt;color:gray">{notice}</p>'
        if letter.quoted is not None:
            text += "\n\n________________________________\n" + _block(letter, letter.quoted)
            markup += _html_block(letter, letter.quoted)
        return Body(
            text=text,
            html=f'<div class="WordSection1">{markup}</div>',
            headers=(
                ("Thread-Topic", letter.subject.removeprefix(self.reply_prefix)),
                ("X-MS-Has-Attach", "yes" if letter.attachments else ""),
            ),
        )


class ClassicOutlook(Outlook):
    """An old Outlook that writes plain text in Windows-1252, wrapped, eight bits as they are."""

    def write(self, letter: Letter) -> Body:
        """Own words, signature, "-----Original Message-----" and the block."""
        text = letter.own_text.strip("\n")
        if letter.author.signature:
            text += f"\n\n{letter.author.signature}"
        if letter.author.disclaimer:
            text += f"\n\n{letter.author.disclaimer}"
        if letter.quoted is not None:
            text += f"\n\n{_ORIGINAL[letter.author.language]}\n" + _block(letter, letter.quoted)
        return Body(
            text=wrap(text, 76),
            charset="windows-1252",
            encoding="8bit",
            headers=(("X-Mailer", "Microsoft Office Outlook 12.0"),),
        )


def _rows(reader: Letter, older: Written) -> list[tuple[str, str]]:
    language = reader.author.language
    sender, sent, to, cc, subject = _LABELS[language]
    local = older.letter.sent_at.astimezone(reader.sent_at.tzinfo)
    rows = [
        (sender, str(older.letter.sender)),
        (sent, localised(local, _DATES[language], language)),
        (to, _people(older.letter.to)),
    ]
    if older.letter.cc:
        rows.append((cc, _people(older.letter.cc)))
    return [*rows, (subject, older.letter.subject)]


def _people(mailboxes: tuple[Mailbox, ...]) -> str:
    return "; ".join(str(mailbox) for mailbox in mailboxes)


def _block(reader: Letter, older: Written) -> str:
    head = "\n".join(f"{label} {value}" for label, value in _rows(reader, older))
    return f"{head}\n\n{older.body.text}"


def _html_block(reader: Letter, older: Written) -> str:
    head = "<br>\n".join(
        f"<b>{label}</b> {html.escape(value, quote=False)}" for label, value in _rows(reader, older)
    )
    older_html = older.body.html if older.body.html is not None else f"<p>{html_lines(older.body.text)}</p>"
    return (
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        f'<p class="MsoNormal"><span style="{_STYLE}">{head}</span></p></div>\n'
        f'<p class="MsoNormal">&nbsp;</p>\n{older_html}'
    )


def _paragraphs(text: str) -> str:
    paragraph = f'<p class="MsoNormal"><span style="{_STYLE}">{{}}</span></p>'
    return html_blocks(text, paragraph, '\n<p class="MsoNormal">&nbsp;</p>\n')


def _signature(signature: str) -> str:
    return f'<p class="MsoNormal"><span style="{_STYLE};color:#1F3864">{html_lines(signature)}</span></p>'
