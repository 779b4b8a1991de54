"""Generated HTML bodies as clients write them: replies of Gmail, Outlook, Apple Mail and Thunderbird.

Each has its quote and signature; always the same ones for the same number and size.
"""

import random
from collections.abc import Callable
from html import escape

from benchmarks.mailbox import WORDS

WORD_STYLES = (
    "<style><!--\n@font-face\n\t{font-family:Calibri;\n\tpanose-1:2 15 5 2 2 2 4 3 2 4;}\n"
    + "".join(
        f"p.Mso{name}, li.Mso{name}, div.Mso{name}\n\t{{margin:0cm;\n\tmargin-bottom:.0001pt;\n\t"
        "font-size:11.0pt;\n"
        '\tfont-family:"Calibri",sans-serif;\n\tmso-fareast-language:EN-US;}\n'
        for name in ("Normal", "PlainText", "ListParagraph", "Header", "Footer")
    )
    + "@page WordSection1\n\t{size:612.0pt 792.0pt;\n\tmargin:70.85pt 70.85pt 70.85pt 70.85pt;}\n--></style>"
)
WORD = (
    '<p class="MsoNormal"><span lang="EN-US" style="font-size:11.0pt;'
    'font-family:&quot;Calibri&quot;,sans-serif;color:#1F497D;mso-fareast-language:EN-US">{}<o:p></o:p></span></p>\n'
)
WORD_BLANK = WORD.format("&nbsp;")


def html_mails(count: int, size: int) -> list[str]:
    """So many HTML bodies of about `size` characters each."""
    dice = random.Random(20260105 + size)
    made = []
    for number in range(count):
        client = CLIENTS[number % len(CLIENTS)]
        paragraphs = 1
        body = client(dice, paragraphs)
        while len(body) < size:
            paragraphs += 1 + paragraphs // 4
            body = client(dice, paragraphs)
        made.append(body)
    return made


def gmail(dice: random.Random, paragraphs: int) -> str:
    """As Gmail on the web writes a reply."""
    own = "<div><br></div>".join(f"<div>{text(dice)}</div>" for _ in range(1 + paragraphs // 2))
    quoted = "".join(f"<div>{text(dice)}<br></div><div><br></div>" for _ in range(1 + paragraphs // 2))
    return (
        f'<div dir="ltr">{own}<div><br></div>-- <br><div dir="ltr" class="gmail_signature" '
        'data-smartmail="gmail_signature"><div dir="ltr"><div><b>Ann Wright</b></div>'
        "<div>Harbour Office</div></div></div></div><br>"
        '<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, May 6, 2024 at 10:00 AM Bo Lind '
        '&lt;<a href="mailto:bo@office.example">bo@office.example</a>&gt; wrote:<br></div><blockquote '
        'class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
        f'padding-left:1ex"><div dir="ltr">{quoted}</div></blockquote></div>'
    )


def outlook(dice: random.Random, paragraphs: int) -> str:
    """As Outlook on Windows writes a reply: Word's markup around every line."""
    own = "".join(WORD.format(text(dice)) + WORD_BLANK for _ in range(1 + paragraphs // 2))
    quoted = "".join(WORD.format(text(dice)) + WORD_BLANK for _ in range(1 + paragraphs // 2))
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" '
        f'content="text/html; charset=utf-8">{WORD_STYLES}</head><body lang="EN-US" link="#0563C1">'
        f'<div class="WordSection1">\n{own}{WORD.format("Kind regards")}{WORD.format("<b>Ann Wright</b>")}'
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        '<p class="MsoNormal"><b><span lang="EN-US">From:</span></b><span lang="EN-US"> Bo Lind '
        "&lt;bo@office.example&gt; <br><b>Sent:</b> Monday, May 6, 2024 10:00 AM<br><b>To:</b> Ann Wright "
        "&lt;ann@office.example&gt;<br><b>Subject:</b> The plan<o:p></o:p></span></p></div></div>\n"
        f"{quoted}</div></body></html>"
    )


def apple(dice: random.Random, paragraphs: int) -> str:
    """As Apple Mail writes a reply."""
    own = '<div><br class=""></div>'.join(
        f'<div class="">{text(dice)}</div>' for _ in range(1 + paragraphs // 2)
    )
    quoted = "".join(
        f'<div class="" style="font-family: Helvetica; font-size: 12px;">{text(dice)}<br class=""></div>'
        for _ in range(1 + paragraphs // 2)
    )
    return (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body '
        f'class="" style="word-wrap: break-word; -webkit-nbsp-mode: space;">{own}<br class=""><div>'
        '<blockquote type="cite" class=""><div class="">On 6 May 2024, at 10:00, Bo Lind &lt;'
        '<a href="mailto:bo@office.example" class="">bo@office.example</a>&gt; wrote:</div>'
        '<br class="Apple-interchange-newline">'
        f'<div class="">{quoted}</div></blockquote></div></body></html>'
    )


def thunderbird(dice: random.Random, paragraphs: int) -> str:
    """As Thunderbird writes a reply."""
    own = "\n".join(f"<p>{text(dice)}</p>" for _ in range(1 + paragraphs // 2))
    quoted = "\n".join(f"<p>{text(dice)}<br>\n</p>" for _ in range(1 + paragraphs // 2))
    return (
        '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">\n</head>\n'
        f'<body text="#000000" bgcolor="#FFFFFF">\n{own}\n<pre class="moz-signature" cols="72">-- \n'
        'Ann Wright\nHarbour Office</pre>\n<div class="moz-cite-prefix">'
        "On 06/05/2024 10:00, Bo Lind wrote:<br>\n</div>\n"
        f'<blockquote type="cite" cite="mid:1@office.example">\n{quoted}\n</blockquote>\n</body>\n</html>'
    )


CLIENTS: tuple[Callable[[random.Random, int], str], ...] = (gmail, outlook, apple, thunderbird)


def text(dice: random.Random) -> str:
    """A paragraph, now and then with a link, bold words or an entity in it."""
    words = [escape(word) for word in dice.choices(WORDS, k=dice.randint(8, 50))]
    kind = dice.random()
    place = dice.randrange(len(words))
    if kind < 0.1:
        words[place] = (
            f'<a href="https://www.office.example/{place}/page?id={place}&amp;x=1">{words[place]}</a>'
        )
    elif kind < 0.3:
        words[place] = f"<b>{words[place]}</b>"
    elif kind < 0.5:
        words[place] = f"{words[place]}&nbsp;&eacute;t&eacute;"
    return " ".join(words)
