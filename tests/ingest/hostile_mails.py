"""Mails made to break a reader: deep, long, endless, repeated, and wrong wherever something is read.

Used by the tests and by benchmarks/hostile.py, which says what each costs.
"""

HEAD = b"From: a@example.com\nTo: b@example.com\nSubject: x\nMessage-ID: <1@example.com>\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5_000))
HTML = HEAD + b"Content-Type: text/html\n\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"

ATTRIBUTIONS = {
    "English": "On Mon, Jan 5, 2026 at 10:00 AM Ann Wright <ann@example.com> wrote: ",
    "French": "Le lun. 5 janv. 2026 à 10:00, Anne Martin <anne@example.com> a écrit : ",
    "German": "Am Mo., 5. Jan. 2026 um 10:00 Uhr schrieb Anna Berg <anna@example.com>: ",
    "Spanish": "El lun, 5 ene 2026 a las 10:00, Ana Cruz (<ana@example.com>) escribió: ",
    "Japanese": "2026年1月5日(月) 10:00 山田 <yamada@example.com>: ",
}

HOSTILE = {
    "5,000 MIME levels": HEAD + NESTED + b"\ntext\n",
    "5,000 alternatives": HEAD + NESTED.replace(b"mixed", b"alternative") + b"\ntext\n",
    "deep and long": HEAD + NESTED[:60_000] + b"\ntext\n" * 100_000,
    "messages in messages": HEAD + b"Content-Type: message/rfc822\n\n" * 5_000 + b"text",
    "a line of 1 MB": HEAD + b"\n" + b"x" * 1_000_000,
    "a subject of 1 MB": b"Subject: " + b"x" * 1_000_000 + b"\n\nx",
    "100,000 header fields": HEAD + b"".join(b"X-%d: y\n" % n for n in range(100_000)) + b"\nx",
    "100,000 Received": HEAD + b"Received: from a by b; never\n" * 100_000 + b"\nx",
    "a million dashes": MIXED + b"--\n" * 1_000_000,
    "a million parts": MIXED + b"--b\n" * 1_000_000,
    "200,000 texts": MIXED + b"--b\n\nhello\n" * 200_000,
    "RFC 2231 sections": HEAD
    + b"Content-Type: text/plain; "
    + b"".join(b"charset*%d*=x;" % n for n in range(100_000))
    + b"\n\nx",
    "RFC 2231 huge number": HEAD + b"Content-Type: text/plain; name*" + b"9" * 9_000 + b"*=x\n\nx",
    "a million semicolons": HEAD + b"Content-Type: text/plain; " + b";" * 1_000_000 + b"\n\nx",
    "a million quotes": HEAD + b'Content-Type: text/plain; a="' + b';\\"' * 1_000_000 + b"\n\nx",
    "50,000 recipients": b"To: " + b", ".join(b"u%d@example.com" % n for n in range(50_000)) + b"\n\nx",
    "brackets in From": b"From: " + b"<" * 19_001 + b"@x\n\nx",
    "parentheses in To": b"To: " + b"(" * 1_000_000 + b"\n\nx",
    "quotes in To": b"To: " + b'"' * 19_001 + b"\n\nx",
    "commas in To": b"To: " + b",a@" * 6_001 + b"\n\nx",
    "100,000 encoded words": b"Subject: " + b"=?utf-8?b?a?= " * 100_000 + b"\n\nx",
    "encoded words without end": b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\n\nx",
    "100,000 Re:": b"Subject: " + b"re: " * 100_000 + b"\n\nx",
    "100,000 references": HEAD
    + b"References: "
    + b" ".join(b"<%d@x>" % n for n in range(100_000))
    + b"\n\nx",
    "brackets in References": HEAD + b"References: " + b"<" * 1_000_000 + b"\n\nx",
    "NULs": HEAD + b"\n" + b"\0" * 1_000_000,
    "broken base64": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"!?=abc\n" * 150_000,
    "quoted-printable": HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 500_000,
    "uuencode": HEAD
    + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n"
    + b"M" * 500_000
    + b"\n" * 300_000,
    "flowed quotes": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"> " * 500_000,
    "broken UTF-16": HEAD + b"Content-Type: text/plain; charset=utf-16\n\n" + b"\xd8" * 1_000_000,
    "Japanese escapes": HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b$B!!" * 200_000,
    "no charset at all": HEAD + b"\n" + bytes(range(128, 256)) * 8_000,
    "repeated attribution": HEAD + b"\n" + b"On Mon, 3 May 2021 " * 8_400,
    "repeated French attribution": HEAD + b"\n" + b"Le lun. 3 mai 2021 " * 8_400,
    "10,000 nested quotes": HEAD + b"\n" + b">" * 10_000 + b" x\n",
    "a million blank lines": HEAD + b"\n" + b"\n" * 1_000_000,
    "nested divisions": HTML + b"<div>" * 100_000 + b"x",
    "nested HTML quotes": HTML + b"<blockquote>" * 50_000 + b"x",
    "nested tables": HTML + b"<table><tr><td>" * 30_000 + b"x",
    "comments without end": HTML + b"<!--" * 250_000,
    "signatures": b"From: Ann Wright <a@example.com>\n\n" + b"> x\n\nYes.\n\nAnn Wright\nLead\n" * 20_000,
    "blanks in the author's name": b"From: a" + b" \t" * 9_000 + b"b <a@example.com>\n\nx",
    "BER without end": HEAD
    + b"Content-Type: application/pkcs7-mime\n\n"
    + b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
    + b"\xa0\x80" * 200_000,
    **{
        f"repeated attribution, {language}": HEAD + b"\n" + (text * (160_000 // len(text.encode()))).encode()
        for language, text in ATTRIBUTIONS.items()
    },
    "attributions on lines of their own": HEAD
    + b"\n"
    + "".join(ATTRIBUTIONS.values()).replace(" : ", ":\n").replace(": ", ":\n").encode() * 900,
    "verbs on lines of their own": HEAD
    + b"Content-Type: text/plain; charset=utf-8\n\n"
    + "ezt írta\n".encode() * 100_000,
    "10,000 lines of growing quotes": HEAD
    + b"\n"
    + b"".join(b">" * min(depth, 300) + b" x\n" for depth in range(10_000)),
    "10,000 nested HTML quotes": HTML + b"<blockquote type=cite>x" * 10_000 + b"</blockquote>" * 10_000,
    "a line of 1 MB in HTML": HTML + b"<p>" + b"word " * 200_000,
    "a word of 1 MB in HTML": HTML + b"<p>" + b"x" * 1_000_000,
    "100,000 spans": HTML + b"<span style='color:red'>x</span>" * 100_000,
    "100,000 different spans": HTML + b"".join(b"<span id=s%d>x</span>" % n for n in range(40_000)),
    "different styles": HTML + b"".join(b'<p style="margin:0;a:%d">x' % n for n in range(36_000)),
    "different quotes": HTML + b"".join(b"<blockquote id=%d>x" % n for n in range(44_000)),
    "different items": HTML + b"".join(b"<li value=%d>x" % n for n in range(50_000)),
    "huge attributes": HTML + (b"<div style='" + b"a:b;" * 60_000 + b"'>x</div>") * 4,
    "many attributes": HTML + (b"<div " + b"a=b " * 1_000 + b">x</div>") * 250,
    "entities": HTML + b"&lt;&#65;&eacute;" * 65_000,
    "entities without end": HTML + b"&#" * 500_000,
    "nested lists": HTML + b"<ul><li>x" * 100_000,
    "nested rows": HTML + b"<table><tr><td>x<td>y</tr></table>" * 30_000,
    "open links": HTML + b"<a href=https://a.example/>x" * 40_000,
    "signatures in HTML": HTML + b"<div class=gmail_signature>x</div>" * 30_000,
    "attributions in HTML": HTML
    + b"<div class=moz-cite-prefix>On 1/2/2024 Bo wrote:</div><blockquote>x</blockquote>" * 12_000,
    "unknown charset": HEAD + b"Content-Type: text/plain; charset=x-none\n\n" + bytes(range(256)) * 4_000,
    "wrong charset": HEAD + b"Content-Type: text/plain; charset=utf-7\n\n" + b"+AGE-+" * 180_000,
    "UTF-32": HEAD + b"Content-Type: text/plain; charset=utf-32\n\n" + b"\x00\x00\x00a" * 250_000,
    "big5 garbage": HEAD + b"Content-Type: text/plain; charset=big5\n\n" + b"\xa4\x40\xff" * 330_000,
    "200,000 attachments": MIXED + b"--b\nContent-Disposition: attachment; filename=a\n\nx\n" * 200_000,
    "1,900 attachments": MIXED
    + b"--b\nContent-Type: application/pdf; name*0*=utf-8''a;\n name*1=b\n\n" * 1_900,
    "a reference of 1 MB": HEAD + b"References: <" + b"a@b " * 250_000 + b">\n\nx",
    "prose in In-Reply-To": b"In-Reply-To: " + b"your message from (Bo) of <" * 40_000 + b"\n\nx",
    "TNEF garbage": HEAD
    + b"Content-Type: application/ms-tnef\n\n"
    + b"\x78\x9f\x3e\x22\x01\x00\x02\x0f\x80\x06\x00\x00\x00\x00\x00\x00\x00" * 60_000,
    "TNEF with a huge count": HEAD
    + b"Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22\x01\x00\x01\x03\x90\x06\x00\xff\xff\xff\x00"
    + b"\xff" * 1_000_000,
    "uuencoded files": HEAD + b"\n" + b"begin 644 a\n" * 90_000,
    "uuencode garbage": HEAD + b"\nbegin 644 a\n" + b"M!!!!\n" * 170_000 + b"end\n",
    "flowed lines": HEAD
    + b"Content-Type: text/plain; format=flowed; delsp=yes\n\n"
    + b"> x \n>> y \n" * 90_000,
    "calendar": HEAD + b"Content-Type: text/calendar\n\n" + b"BEGIN:VEVENT\nSUMMARY:x\n" * 40_000,
    "RTF": HEAD + b"Content-Type: text/rtf\n\n" + b"{\\rtf1 {\\par x" * 70_000,
    "delivery status": HEAD
    + b"Content-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822; a@b.example\n\n" * 25_000,
    "indefinite BER": HEAD + b"Content-Type: application/pkcs7-mime\n\n" + b"\x30\x80" * 500_000,
    "BER lengths": HEAD + b"Content-Type: application/pkcs7-mime\n\n" + b"\x24\x84\x7f\xff\xff\xff" * 170_000,
    "armour": HEAD + b"\n" + b"-----BEGIN PGP SIGNED MESSAGE-----\n" * 30_000,
    "forwarded in forwarded": HEAD
    + b"\n"
    + b"---------- Forwarded message ---------\nFrom: a@b.example\nDate: x\nSubject: y\n\n" * 12_000,
    "header blocks": HEAD
    + b"\n"
    + b"From: a@b.example\nSent: Monday\nTo: c@d.example\nSubject: y\n\n" * 15_000,
    "half header blocks": HEAD + b"\n" + b"From: a@b.example\nTo: x;\n" * 40_000,
    "recipients without end": HEAD + b"\nFrom: a@b.example\nTo: " + b"someone@somewhere.example;\n" * 40_000,
    "footers": HEAD + b"\n" + b"_______________\nA mailing list\nhttp://a.example/listinfo/x\n\n" * 16_000,
    "devices": HEAD + b"\n" + b"Sent from my iPhone\n\n" * 48_000,
    "disclaimers": HEAD
    + b"\n"
    + b"This e-mail is confidential, delete it if you are not the intended recipient.\n\n" * 13_000,
    "closings": HEAD + b"\n" + b"Best regards,\nAnn Wright\n\n" * 40_000,
    "Notes headers": HEAD + b"\n" + b"Ann Wright/Harbour\n05/01/2024 10:00\nTo\nBo\n" * 24_000,
    "dates": b"Date: " + b"Mon, 1 " * 140_000 + b"\n\nx",
    "named lists": b"To: " + b"team: " * 160_000 + b"\n\nx",
}
