"""Recognises what machines and lawyers add to a mail: banners, disclaimers, list footers.

Each function looks at one stretch of own words from its edge and says where the notice begins; nothing in the
middle of somebody's text is touched.
"""

from functools import cache

from domain.mail import Trim
from ingest.phrases import Phrases
from ingest.text_lines import TextLines, stripped_rule

MAX_FOOTER_LINES = 25
MIN_CUES_LENGTH = 20  # of text for each telling phrase: a disclaimer is never that dense
MAX_ARMOUR_LINES = 60
MAX_DISCLAIMER_LINES = 60
MIN_DISCLAIMER = 100  # of one that does not begin like one
MAX_DISCLAIMER_LENGTH = 4_000
MAX_LINES_ABOVE_DISCLAIMER = 12  # in its paragraph
MIN_TELLING = 22  # a shorter phrase says too little by itself
MAX_BANNER_LINES = 6
MAX_FOOTER_BLANKS = 8  # in the first line of a list's footer
MAX_LIST_FOOTER = 14  # lines of text under the rule above a list's footer

_ADDRESSED = ("@", "http", "www.", "avast", "antivirus", "mcafee")
_TREES = "🌳🌲🌱🌿🍃♻\ufe0f "  # before "consider the environment"; in one font a "P" was a tree
# The line that begins an armour, and the line that ends it.
_ARMOURED = "-----BEGIN PGP SIG"
_ARMOUR = {
    "-----BEGIN PGP SIGNED MESSAGE-----": "",
    "-----BEGIN PGP SIGNATURE-----": "-----END PGP SIGNATURE-----",
}


def disclaimer_start(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """Where the disclaimer at the end of a stretch (one paragraph of it) begins; `end` without one."""
    first = end - 1
    while first > start and lines.plain[first - 1] and end - first < MAX_DISCLAIMER_LINES:
        first -= 1
    for number in range(first, min(end, first + MAX_LINES_ABOVE_DISCLAIMER)):
        bare = stripped_rule(lines.lower[number]).lstrip(_TREES).removeprefix("p ")
        if bare.startswith(table.disclaimer_openers):
            text = _paragraph(lines, number, end)
            core = _speaks_of(text, table.disclaimer_core)
            clear = core if number == start else core or _opens_clearly(bare, table)
            if clear and _cues(text, table) >= 2:
                return with_rule_above(lines, start, number)
        elif number > start and bare.startswith(table.privacy_openers):
            text = _paragraph(lines, number, end)
            if _cues(text, table) and any(sign in text for sign in ("@", "http", "www.")):
                return with_rule_above(lines, start, number)
    text = _paragraph(lines, first, end)
    if len(text) > MIN_DISCLAIMER and _speaks_of(text, table.disclaimer_core) and _cues(text, table) >= 4:
        return with_rule_above(lines, start, first)
    return end


def _opens_clearly(bare: str, table: Phrases) -> bool:
    """Whether a line opens like a disclaimer even without a word like "Notice:" in front."""
    for vague in _vague(table.disclaimer_openers):
        if bare.startswith(vague):
            return bare.removeprefix(vague).lstrip(" :*_-–—").startswith(table.disclaimer_openers)
    return True


def _paragraph(lines: TextLines, start: int, end: int) -> str:
    return " ".join(lines.plain[start:end])[:MAX_DISCLAIMER_LENGTH].lower()


def _cues(text: str, table: Phrases) -> int:
    """How many different phrases of a disclaimer a text holds, no more than its length can bear."""
    found = sum(cue in text for cue in (*table.disclaimer_cues, *table.disclaimer_core))
    return min(found, len(text) // MIN_CUES_LENGTH)


def footer_start(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """Where the list footer or scanner's line at the end of a stretch begins; `end` where there is none."""
    lowest = max(start, end - MAX_FOOTER_LINES)
    rules = [
        number
        for number in range(lowest, end)
        if (_is_rule(lines.plain[number]) and not _is_heading(lines, start, number))
        or _is_titled_rule(lines.plain[number])
    ]
    for rule in reversed(rules):
        if _is_list_footer(lines, rule + 1, end, table):
            return rule
    found = end
    for number in range(end - 1, lowest - 1, -1):
        line = lines.lower[number]
        if line and _begins_block(lines, start, number) and _is_footer(lines, number, found, table):
            found = number
        elif not line and number + 1 < found - MAX_LIST_FOOTER:
            break
    if found == start and any(not line for line in lines.plain[start:end]):
        return end  # a letter about a list: a footer alone has a rule above it or is one paragraph
    return with_rule_above(lines, start, found) if found < end else end


def _is_footer(lines: TextLines, number: int, end: int, table: Phrases) -> bool:
    """Whether a footer begins at a line: a telling phrase and an address, or a phrase that tells all.

    Such a phrase has nothing but footers below it: "You are receiving this because" may begin a letter, too.
    """
    bare = lines.lower[number].lstrip(" -_*•|>")
    addressed = bare.startswith(table.addressed_footers)
    if not addressed and not bare.startswith(table.footers):
        return False
    if not addressed and not bare.startswith(_short(table.footers, MIN_TELLING)):
        below = number
        while below < end and lines.plain[below]:
            below += 1
        if lines.next_text(below) >= end:
            return True
    block = lines.lower[number : min(end, number + 6)]
    reachable = any(word in text for text in block for word in _ADDRESSED)
    return reachable and _is_addressed_throughout(lines, number, end)


def _is_addressed_throughout(lines: TextLines, start: int, end: int) -> bool:
    """Whether all paragraphs but the first name an address, as those of a footer do; "Ann" does not."""
    paragraphs = "\n".join(lines.lower[start:end]).strip().split("\n\n")
    return all(not text.strip() or any(word in text for word in _ADDRESSED) for text in paragraphs[1:])


@cache
def _vague(openers: tuple[str, ...]) -> tuple[str, ...]:
    """Openers like "Notice:" or "Confidential:", by which other texts begin, too."""
    return tuple(opener for opener in openers if opener.endswith(":"))


@cache
def _short(phrases: tuple[str, ...], limit: int) -> tuple[str, ...]:
    return tuple(phrase for phrase in phrases if len(phrase) < limit)


def _is_titled_rule(line: str) -> bool:
    """Whether a line is like "-----(end of broadcast)-----"."""
    return line.startswith("-----") and line.endswith("-----") and any(map(str.isalpha, line))


def _is_heading(lines: TextLines, start: int, rule: int) -> bool:
    """Whether a rule underlines a heading; underscores are what list programs put below any text."""
    return lines.plain[rule][0] != "_" and lines.underlines(start, rule)


def _begins_block(lines: TextLines, start: int, number: int) -> bool:
    above = lines.plain[number - 1] if number > start else ""
    return not above or above == "-" or _is_rule(above)  # majordomo's rule is one dash


def _is_list_footer(lines: TextLines, start: int, end: int, table: Phrases) -> bool:
    """Whether the lines under a rule name a list and where it lives; prose about a list has no address."""
    texts = [lines.lower[number] for number in range(start, end) if lines.plain[number]]
    if not texts or len(texts) > MAX_LIST_FOOTER or max(map(len, texts)) > 300:
        return False
    if not any("@" in text or "http" in text or "www." in text for text in texts):
        return False
    if texts[0].count(" ") > MAX_FOOTER_BLANKS and "http" not in texts[0] and "@" not in texts[0]:
        return False  # prose about a list
    if any(text.startswith(table.postscripts) for text in texts):
        return False
    return any(
        text.endswith((" mailing list", " list"))
        or "/listinfo" in text
        or "unsubscribe" in text
        or any(word in text for word in table.list_words)
        for text in texts[:4]
    )


def mark_armour(lines: TextLines) -> None:
    """Mark the lines around and below an OpenPGP clear-signed text (RFC 9580 section 7) as signature."""
    number = 0
    while _ARMOURED in lines.text and number < lines.count:
        closing = _ARMOUR.get(lines.plain[number])
        number += 1
        if closing is None:
            continue
        start = number - 1
        while number < lines.count and number - start < MAX_ARMOUR_LINES and lines.plain[number] != closing:
            number += 1
        lines.mark(start, min(number + 1, lines.count), Trim.SIGNATURE)


def banner_end(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """Where the gateway's warning at the top of a stretch ends; `start` where there is none."""
    first = start + 1 if _is_rule(lines.plain[start]) and start + 1 < end else start
    bare = lines.lower[first].lstrip(" -_*(!⚠️|")
    if not bare.startswith(table.banners):
        return start
    last = first
    while last < min(end, first + MAX_BANNER_LINES) and lines.plain[last]:
        last += 1
    paragraph = " ".join(lines.lower[first:last])
    alone = (
        bare.rstrip(" .!*])-|") in table.banners or bare in table.banners or _is_framed(lines.plain[first])
    )
    if (
        not alone
        and bare.startswith(_short(table.banners, MIN_TELLING))
        and not _speaks_of(paragraph, table.banner_cues)
    ):
        return start
    if last < end and not lines.plain[last]:
        return last
    # Without a blank line below it, a warning goes on to the end of its sentence.
    while first + 1 < last and lines.plain[first][-1] not in ".!>])*":
        first += 1
    return first + 1


def _is_framed(line: str) -> bool:
    """Whether a line stands between stars or brackets, as gateways write: "*** EXTERNAL EMAIL ***"."""
    return line.startswith(("**", "[", "==")) and line.endswith(("**", "]", "=="))


def _speaks_of(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


def _is_rule(line: str) -> bool:
    if line == "—":
        return True  # above the footers of forges
    if len(line) < 2 or line[0] not in "-_=*~—–#" or line.strip("-_=*~—–#^ "):
        return False
    return (
        " " not in line or len(line) == 2 * len(line.split()) - 1
    )  # "* * *", but not the underlines of a table


def with_rule_above(lines: TextLines, start: int, number: int) -> int:
    """Take the rule right above a notice along."""
    above = number - 1
    while above > start and not lines.plain[above]:
        above -= 1
    is_rule = above > start and (_is_rule(lines.plain[above]) or lines.plain[above] == "-")
    return above if is_rule else number
