"""Changes that keep a mail looking like one: lines moved, doubled and left out, and telling fragments put in.

A fuzzer that only flips bytes hardly ever gets behind the first header field.
"""

import random
from collections.abc import Callable

FRAGMENTS = (
    b"From: ",
    b"To: a@b, ",
    b"Subject: =?utf-8?b?",
    b"?=",
    b"References: <a@b> <c",
    b"Date: Mon, 99 Foo 2 9:9\n",
    b"\r\n",
    b"\n",
    b"\n\n",
    b"--b\n",
    b"--b--\n",
    b"--outer\n",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x1b$B",
    b"Content-Type: multipart/mixed; boundary=b\n\n",
    b'Content-Type: multipart/alternative; boundary="b"\n\n',
    b"Content-Type: text/html; charset=utf-16\n\n",
    b"Content-Type: text/plain; format=flowed; delsp=yes\n\n",
    b"Content-Type: message/rfc822\n\n",
    b"Content-Type: application/ms-tnef\n\n",
    b"Content-Type: text/calendar\n\n",
    b"Content-Transfer-Encoding: base64\n\n",
    b"Content-Transfer-Encoding: quoted-printable\n\n",
    b"Content-Disposition: attachment; filename*0*=",
    b"begin 644 a.txt\n",
    b"BEGIN:VCALENDAR\n",
    b"\x78\x9f\x3e\x22",
    b"X-MS-Journal-Report:\n",
    b"Sender: a@b.example\n",
    b"Recipient: c@d.example\n",
    b"Auto-Submitted: auto-replied\n",
    b"-----BEGIN PGP SIGNED MESSAGE-----\n",
    b"-----BEGIN PGP SIGNATURE-----\n",
    b"-----Original Message-----\n",
    b"> ",
    b">> ",
    b"-- \n",
    b"________________________________\n",
    b"---------- Forwarded message ---------\n",
    b"On Fri, Jan 5, 2024 at 10:00 AM Tom <tom@a.example> wrote:\n",
    b"Le lun. 5 janv. 2024 \xc3\xa0 10:00, ",
    b" a \xc3\xa9crit :\n",
    b"Am 05.01.2024 um 10:00 schrieb Tom:\n",
    b"Sent from my iPhone\n",
    b"Regards,\nAnn\n",
    b"Sent: Monday\n",
    b"Envoy\xc3\xa9 : lundi\n",
    b"This e-mail is confidential; delete it.\n",
    b"To unsubscribe, http://x\n",
    b"<div>",
    b"</div>",
    b"<blockquote type=cite>",
    b"</blockquote>",
    b"<table><tr><td>",
    b"</table>",
    b"<br>",
    b"<p>",
    b'<div class="gmail_quote">',
    b'<div id="divRplyFwdMsg">',
    b"<style>",
    b"<!--",
    b"-->",
    b"<li>",
    b"<ol>",
    b"<pre>",
    b'<a href="https://a.example">',
    b"</a>",
    b"<hr>",
    b"&nbsp;",
    b"&lt;",
    b'<span style="display:none">',
    b"<td",
    b'"',
    b"<",
    b">",
    b"(",
    b")",
    b";",
    b"=?",
    b"@",
    b",",
    b"\xe2\x80\xaf",
    b"\xed\xa0\x80",
    b"=3D",
    b"=\n",
)


def mutated(content: bytes, dice: random.Random, longest: int) -> bytes:
    """The content with one to four changes, at most `longest` bytes."""
    for _change in range(dice.randint(1, 4)):
        content = dice.choice(_CHANGES)(content, dice)[:longest]
    return content


def _put_fragment(content: bytes, dice: random.Random) -> bytes:
    at = dice.randint(0, len(content))
    return content[:at] + dice.choice(FRAGMENTS) * dice.choice((1, 1, 1, 2, 40)) + content[at:]


def _put_line(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")
    lines.insert(dice.randint(0, len(lines)), dice.choice(FRAGMENTS).strip(b"\n"))
    return b"\n".join(lines)


def _move_line(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")
    line = lines.pop(dice.randrange(len(lines)))
    lines.insert(dice.randint(0, len(lines)), line)
    return b"\n".join(lines)


def _double_lines(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")
    first = dice.randrange(len(lines))
    last = min(len(lines), first + dice.choice((1, 2, 5, 20)))
    return b"\n".join(lines[:last] + lines[first:last] * dice.choice((1, 3)) + lines[last:])


def _cut(content: bytes, dice: random.Random) -> bytes:
    at = dice.randint(0, len(content))
    return content[:at] + content[at + dice.choice((1, 2, 8, 64)) :]


def _flip(content: bytes, dice: random.Random) -> bytes:
    at = dice.randint(0, len(content))
    return content[:at] + bytes([dice.randrange(256)]) + content[at + 1 :]


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _put_fragment,
    _put_fragment,
    _put_line,
    _move_line,
    _double_lines,
    _cut,
    _flip,
)
