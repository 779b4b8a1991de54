"""The real MediaWiki and DokuWiki show hostile text letter by letter, wherever in a page it stands."""

import json
import random
import subprocess
import urllib.parse
import urllib.request

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.rendering import DOKUWIKI, WIKITEXT, Form, markdown_from_text, page, render
from connectors.rendering.mail_text import literal, literal_start
from tests.connectors.contract import publication
from tests.servers.dokuwiki import DokuWiki
from tests.servers.mediawiki import MediaWiki

HOSTILE = [
    "{{delete}} {{{1}}} {{subst:x}} {{PAGENAME}} {{#if:1|2}} {{rss>http://x.org}}",
    "[[Category:Secret]] [[File:x.png|thumb]] [[a|b]] [[#unchain:k|¶]] [https://x.org y]",
    "~~~~ ~~~~~ ~~~ ~~NOTOC~~ ~~NOCACHE~~ __NOTOC__ __FORCETOC__ __INDEX__",
    "#REDIRECT [[Main Page]]",
    "<nowiki>x</nowiki> <html><b>x</b></html> <php>phpinfo();</php> <pre>x</pre> <code>x</code> <ref>x</ref>",
    "<!-- unchain:k --> <script>alert(1)</script> <b>x</b> <br> </div> &amp; &#91; &nbsp; &lt;b&gt;",
    "''x'' '''x''' '''''x''''' **x** //x// __x__ ''%%x%%'' %%x%% %% % ((x)) 'l'été'",
    "== x == ====== x ====== ---- = x =",
    "* x", "# x", ": x", "; x : y", "- x", "> x", "| x | y |", "^ x ^ y ^", "! x !! y", "{| x", "|- x",
    "RFC 2119 PMID 12345 ISBN 9780140328721 ISBN 978-0-14-032872-1",
    "mailto:x@y.org news:x irc://x www.x.org ftp.x.org //x.org \\\\server\\share <x@y.org> x@y.org tel:1",
    ":-) :-( :-D :-/ ;-) 8-) 8-O ^_^ m( LOL FIXME DELETEME :!: :?: =) :-P :-X",
    "-> <- => <= <=> <-> >> << -- --- (c) (tm) (r) 640x480 a->b 1 -- 2",
    "-{zh-hans:x; zh-hant:y}- -{x}- {code} {toc} \\\\ x \\\\",
    "x\u2029y {{x}} \x7f'\"`UNIQ--nowiki-1-QINU`\"'\x7f",
]  # fmt: skip
PIECES = [*"[]{}<>|'~_=*#:;!-%/\\^()&@+,.?$x1 ", "[[", "]]", "{{", "}}", "''", "%%", "<nowiki>", "</nowiki>",
          "é", "~~", "//", "**", "http:", "www.", "</code>", "&#", "(("]  # fmt: skip
CHANCE = random.Random(2026)
TEXTS = [*HOSTILE, *("".join(CHANCE.choices(PIECES, k=CHANCE.randint(1, 12))) for _ in range(150))]
FRAMES = ["{}", "x **{}** x", "- {}\n- x", "> {}", "1. x\n   - {}", "a|b\n-|-\n{}|x"]


def asked(form: Form) -> tuple[list[str], list[str]]:
    """What is to be seen, and the pages that should show it: each text in a frame, code in between."""
    seen, written = [], []
    for number, raw in enumerate(TEXTS):
        text = " ".join(raw.translate({0x7F: None}).split()) or "x"
        frame = FRAMES[number % len(FRAMES)]
        seen.append("".join((frame.replace("a|b\n-|-\n", "a b ").format(text) + text).split()))
        inner = literal_start(literal(text)) if frame in {"{}", "> {}"} else literal(f"x{text}x")
        written.append(render(f"{frame.format(inner)}\n\n```\n{text}\n```", form))
    return seen, written


def letters(node: LexborNode) -> str:
    # DokuWiki sets quotes as printers do; that is its setting `typography`, which we leave to it.
    straight = node.text().replace("“", '"').replace("”", '"').replace("„", '"')
    return "".join(straight.replace("\u2060", "").split())


def assert_seen(html: list[LexborNode]) -> None:
    wrong = []
    for raw, node in zip(TEXTS, html, strict=True):
        text = "".join(raw.translate({0x7F: None}).split()) or "x"
        shown = letters(node)
        if shown.count(text) < 2:
            wrong.append((text, shown))
        elif node.css('a:not([href^="http"]), img, script, ref, .mw-headline'):
            wrong.append((text, node.html or ""))
    assert wrong == [], "\n".join(f"{text}  →  {shown}" for text, shown in wrong[:20])


def parsed_by_mediawiki(wiki: MediaWiki, text: str) -> LexborHTMLParser:
    """The page as it would be after it was saved: what is replaced before that is replaced too."""
    question = {"action": "parse", "format": "json", "formatversion": "2", "contentmodel": "wikitext"}
    body = urllib.parse.urlencode({**question, "pst": "1", "prop": "text|categories", "text": text}).encode()
    with urllib.request.urlopen(wiki.api, body, timeout=120) as answer:
        found = json.load(answer)["parse"]
    assert found["categories"] == []
    return LexborHTMLParser(found["text"])


def parsed_by_dokuwiki(wiki: DokuWiki, texts: list[str]) -> list[LexborHTMLParser]:
    program = (
        f"define('DOKU_INC', '{wiki.folder}/www/'); require DOKU_INC . 'inc/init.php';"
        "foreach (json_decode(file_get_contents('php://stdin')) as $text) {"
        "$found[] = p_render('xhtml', p_get_instructions($text), $info); } echo json_encode($found);"
    )
    ended = subprocess.run(
        ["php", "-d", "display_errors=0", "-r", program],
        input=json.dumps(texts), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return [LexborHTMLParser(f"<div>{html}</div>") for html in json.loads(ended.stdout)]


def root(parser: LexborHTMLParser) -> LexborNode:
    assert parser.body is not None
    return parser.body


def test_mediawiki_shows_hostile_text_as_it_was_written(running_mediawiki: MediaWiki) -> None:
    written = asked(WIKITEXT)[1]

    cases = "\n\n".join(f'<div class="case">\n\n{text}\n\n</div>' for text in written)
    tree = parsed_by_mediawiki(running_mediawiki, cases)

    assert_seen(tree.css("div.case"))


def test_dokuwiki_shows_hostile_text_as_it_was_written(running_dokuwiki: DokuWiki) -> None:
    assert_seen([root(tree) for tree in parsed_by_dokuwiki(running_dokuwiki, asked(DOKUWIKI)[1])])


LAYOUT = (
    "# Head\n\nOne *two* **three** ~~four~~ `five` [six](https://example.com/a_b?c=1&d=2)\\\nseven\n\n"
    "- eight\n- nine\n  1. ten\n\n> eleven\n\n```\ntwelve\n  13\n```\n\na|b\n-|-\n14|15\n\n***\n"
)
TAGS = {
    "em": "two",
    "strong": "three",
    "code": "five",
    "blockquote": "eleven",
    "pre": "twelve\n  13",
    "td": "14",
}


@pytest.mark.parametrize("name", ["mediawiki", "dokuwiki"])
def test_the_wiki_takes_our_markup_for_what_it_means(name: str, request: pytest.FixtureRequest) -> None:
    wiki = request.getfixturevalue(f"running_{name}")
    form = WIKITEXT if name == "mediawiki" else DOKUWIKI
    text = render(LAYOUT, form)
    tree = parsed_by_mediawiki(wiki, text) if name == "mediawiki" else parsed_by_dokuwiki(wiki, [text])[0]

    def found(tags: str) -> str:
        node = tree.css_first(tags)
        return "" if node is None else node.text().strip()

    # MediaWiki and DokuWiki take other tags for the same.
    tags = {
        "mediawiki": {"em": "i", "strong": "b"},
        "dokuwiki": {"blockquote": "blockquote"},
    }[name]
    shown = {tag: found(tags.get(tag, tag)) for tag in TAGS}
    assert shown == TAGS
    assert [node.attributes["href"] for node in tree.css("a.external, a.urlextern")] == [
        "https://example.com/a_b?c=1&d=2"
    ]
    assert [node.text().split() for node in tree.css("li li")] == [["ten"]]
    assert len(tree.css("li")) == 3
    assert tree.css("hr")
    assert "Head" in found("h2")


def test_a_whole_page_hides_its_marks_in_mediawiki(running_mediawiki: MediaWiki) -> None:
    tree = parsed_by_mediawiki(running_mediawiki, page(publication(), WIKITEXT))

    assert "unchain:" not in root(tree).text()
    assert "until eight." in root(tree).text()


def test_text_of_a_mail_begins_no_markup_at_any_line(running_mediawiki: MediaWiki) -> None:
    text = "\n".join(["Hello,", "* one", "# two", ": three", " four", "{| five", "== six ==", "----", "|}"])

    tree = parsed_by_mediawiki(running_mediawiki, render(markdown_from_text(text), WIKITEXT))

    assert root(tree).css("h2, table, hr, dl") == []
