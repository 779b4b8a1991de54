"""Knows the containers by which mail clients mark quotes, signatures and forwarded mails in HTML."""

import re
from collections.abc import Mapping
from enum import Enum

from domain.mail import Trim


class Rest(Enum):
    """A mark that holds from an element to the end of the mail, not only inside the element."""

    QUOTE = "quote"


_BY_NAME: dict[str, Trim | Rest] = {
    # Outlook: the earlier mail follows the element instead of standing in it.
    "divrplyfwdmsg": Rest.QUOTE,
    "outlookmessageheader": Rest.QUOTE,
    "mail-editor-reference-message-container": Rest.QUOTE,
    "ms-outlook-mobile-reference-message": Rest.QUOTE,
    "zwchr": Rest.QUOTE,  # Zimbra's rule above the earlier mail
    "olk_src_body_section": Trim.QUOTE,  # Outlook for Mac of 2011
    "stopspelling": Rest.QUOTE,  # Outlook web of 2003 to 2010
    "stopspelling_": Rest.QUOTE,
    # Containers that hold the whole earlier mail.
    "yahoo_quoted": Trim.QUOTE,
    "yahooquoted": Trim.QUOTE,
    "protonmail_quote": Trim.QUOTE,
    "tutanota_quote": Trim.QUOTE,
    "zmail_extra": Trim.QUOTE,
    "mailru-blockquote": Trim.QUOTE,
    "mail_quote": Trim.QUOTE,
    "front-blockquote": Trim.QUOTE,
    "airmail_ext_blockquote": Trim.QUOTE,
    "isreplycontent": Trim.QUOTE,
    "replycontent": Trim.QUOTE,
    "hcl-quote": Trim.QUOTE,
    "nylas-quote": Trim.QUOTE,
    "missive_quote": Trim.QUOTE,
    "skiff_quote": Trim.QUOTE,
    "freshdesk_quote": Trim.QUOTE,
    "zendesk_quote": Trim.QUOTE,
    "history_container": Trim.QUOTE,
    "ox_quote": Trim.QUOTE,
    "moz-cite-prefix": Trim.ATTRIBUTION,
    "reply-intro": Trim.ATTRIBUTION,
    "moz-forward-container": Trim.FORWARDED,
    "isforwardcontent": Trim.FORWARDED,
    "gmail_signature": Trim.SIGNATURE,
    "gmail_signature_prefix": Trim.SIGNATURE,
    "moz-signature": Trim.SIGNATURE,
    "protonmail_signature_block": Trim.SIGNATURE,
    "applemailsignature": Trim.SIGNATURE,
    "signature": Trim.SIGNATURE,
    "yahoo-signature": Trim.SIGNATURE,
    "ymail_android_signature": Trim.DEVICE,
    "ms-outlook-mobile-signature": Trim.DEVICE,
    "mobile-signature": Trim.DEVICE,
    "zimbra_signature": Trim.SIGNATURE,
    "mailbox_signature": Trim.SIGNATURE,
    "tutanota_signature": Trim.SIGNATURE,
    "moz-txt-sig": Trim.SIGNATURE,
    "k9mail-signature": Trim.SIGNATURE,
    "aqm-signature": Trim.SIGNATURE,
    "aqm-original": Trim.QUOTE,
    "canarysig": Trim.SIGNATURE,
    "bloop_sign": Trim.SIGNATURE,  # Airmail
    "cm_signature": Trim.SIGNATURE,  # Newton
    "cm_quote": Trim.QUOTE,
    "edo-signature": Trim.SIGNATURE,
    "sh-signature": Trim.SIGNATURE,
    "front-signature": Trim.SIGNATURE,
    "composer_signature": Trim.SIGNATURE,  # Samsung
    "mb_sig": Trim.SIGNATURE,
    "zm-_id_-sgn": Trim.SIGNATURE,
    "gmx_quote": Trim.QUOTE,
    "history-container": Trim.QUOTE,
}
_BY_ATTRIBUTE: dict[tuple[str, str], Trim | Rest] = {
    ("fairemail", "signature"): Trim.SIGNATURE,
    ("fairemail", "reference"): Trim.QUOTE,
    ("name", "quote"): Trim.QUOTE,  # GMX and Web.de
    ("data-marker", "__QUOTED_TEXT__"): Rest.QUOTE,  # Zimbra
    ("data-marker", "__DIVIDER__"): Rest.QUOTE,
}
# Outlook and Yahoo on the web rename what they show.
_RENAMED = re.compile(r"^(?:x_)+|^ydp[0-9a-f]{6,10}")
_QUOTING_STYLE = re.compile(
    r"border-left:(?!none|0|medium none)|border-left-width:[1-9]|border-left-style:solid"
)
# The line that Outlook and Windows Mail draw above the header of the earlier mail.
_OUTLOOK_RULE = re.compile(
    r"border:none;border-top:solid#?\w{3,10}1\.0pt;padding:3\.0pt0|border-top-style:solid;?$"
)
_HIDING_STYLE = re.compile(
    r"display:none|visibility:hidden|mso-hide:all"
    r"|font-size:0(?:px|pt|em)?(?:;|!|$)|max-height:0(?:px)?(?:;|!|$)"
)


def container_mark(tag: str, attributes: Mapping[str, str]) -> Trim | Rest | None:
    """What the text in an element (or from it on) is by its name, class and kind; None for the author's."""
    names = f"{attributes.get('id', '')} {attributes.get('class', '')} {attributes.get('name', '')}".lower()
    for renamed in names.split()[:12]:
        name = _RENAMED.sub("", renamed)
        if name in _BY_NAME:
            return _BY_NAME[name]
    return _mark_by_attributes(tag, attributes, names)


def _mark_by_attributes(tag: str, attributes: Mapping[str, str], names: str) -> Trim | Rest | None:
    """The same by what is no class: the kind of blockquote, lines, and some clients' own attributes."""
    marks = (
        _BY_ATTRIBUTE.get((name, attributes.get(name, ""))) for name in ("fairemail", "name", "data-marker")
    )
    mark = next((found for found in marks if found is not None), None)
    if mark is None and tag == "blockquote" and is_quoting(attributes, names):
        return Trim.QUOTE
    if mark is None and tag == "div" and _OUTLOOK_RULE.search(_compact(attributes.get("style", ""))):
        return Rest.QUOTE
    return mark


def is_quoting(attributes: Mapping[str, str], names: str) -> bool:
    """Whether a blockquote is a client's quote rather than the author's indentation or citation."""
    if attributes.get("type", "").lower() == "cite" or "cite" in attributes:
        return True
    return "quote" in names or bool(_QUOTING_STYLE.search(_compact(attributes.get("style", ""))))


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether an element is not shown: preview texts, tracking, what Word keeps for itself."""
    return "hidden" in attributes or bool(_HIDING_STYLE.search(_compact(attributes.get("style", ""))))


def _compact(style: str) -> str:
    return "".join(style[:2000].lower().split())
