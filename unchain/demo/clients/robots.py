"""Programs that write by themselves: build robot and tickets, bounces (RFC 3464), calendar, newsletter."""

from datetime import timedelta

from unchain.demo.clients.layout import html_blocks, localised, token, wrap
from unchain.demo.clients.letter import Body, Letter


class Robot:
    """Plain text from a template, ASCII or UTF-8 in base64; never quotes."""

    reply_prefix = "Re: "
    forward_prefix = "Fwd: "

    def message_id(self, letter: Letter) -> str:
        """A token at the robot's domain."""
        return f"{token(letter.seed, 24)}@{letter.author.email.rpartition('@')[2]}"

    def write(self, letter: Letter) -> Body:
        """The text as it is."""
        return Body(text=wrap(letter.own_text.strip("\n"), 78), encoding="base64")


class Newsletter(Robot):
    """HTML with a poor text twin, as bulk senders do."""

    def write(self, letter: Letter) -> Body:
        """A centred table around the text."""
        inner = html_blocks(letter.own_text, "<p>{}</p>", "\n")
        markup = (
            '<table width="100%"><tr><td align="center"><table width="600"><tr><td>'
            f"{inner}</td></tr></table></td></tr></table>"
            '<img src="https://news.example/o.gif" width="1" height="1">'
        )
        return Body(text=letter.own_text.strip("\n"), html=markup)


class Calendar(Robot):
    """An invitation: text and a text/calendar alternative (RFC 6047)."""

    def write(self, letter: Letter) -> Body:
        """The text, and an event of one hour three days later."""
        begin = letter.sent_at + timedelta(days=3)
        event = (
            "BEGIN:VCALENDAR\r\nPRODID:-//Boreal//Calendar//EN\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n"
            f"BEGIN:VEVENT\r\nUID:{token(letter.seed, 20)}@calendar.boreal.example\r\n"
            f"DTSTAMP:{letter.sent_at:%Y%m%dT%H%M%S}\r\nDTSTART:{begin:%Y%m%dT%H0000}\r\n"
            f"DTEND:{begin + timedelta(hours=1):%Y%m%dT%H0000}\r\nSUMMARY:{letter.subject}\r\n"
            f"ORGANIZER:mailto:{letter.author.email}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        part = (
            'Content-Type: text/calendar; charset="UTF-8"; method=REQUEST\r\n'
            f"Content-Transfer-Encoding: 8bit\r\n\r\n{event}"
        )
        return Body(text=letter.own_text.strip("\n"), extra_parts=(part.encode("utf-8"),))


class Bounce(Robot):
    """A delivery status notification (RFC 3464); the assembler makes it multipart/report."""

    def write(self, letter: Letter) -> Body:
        """The explanation and its machine-readable part."""
        failed = letter.parent.letter.to[0].email if letter.parent else letter.to[0].email
        when = localised(letter.sent_at, "EEE, d MMM y HH:mm:ss xx", "en").replace(".", "")
        status = (
            "Content-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.boreal.example\r\nArrival-Date: {when}\r\n\r\n"
            f"Final-Recipient: rfc822; {failed}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 No such user here\r\n"
        )
        original = (
            "Content-Type: text/rfc822-headers\r\n\r\n"
            f"From: {letter.to[0].email}\r\nTo: {failed}\r\n"
            f"Message-ID: <{token(letter.seed + 'o', 20)}@boreal.example>\r\n"
        )
        return Body(
            text=wrap(letter.own_text.strip("\n"), 76),
            encoding="7bit",
            charset="us-ascii",
            extra_parts=(status.encode("ascii"), original.encode("ascii")),
        )
