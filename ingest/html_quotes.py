"""Knows the containers by which mail clients mark quotes, signatures and forwarded mails in HTML."""

import re
from collections.abc import Mapping
from enum import Enum

from domain.mail import Trim


class Rest(Enum):
    """What an element says of other text than its own."""

    QUOTE = "quote"  # from here to the end of the mail it is the earlier mail
    INTRODUCES = "introduces"  # it is the attribution of the quote right below, if there is one
    WRAPPED = "wrapped"  # no more: this element holds the earlier mail


_BY_NAME: dict[str, Trim | Rest] = {
    # Outlook: the earlier mail follows the element instead of standing in it.
    "divrplyfwdmsg": Rest.QUOTE,
    "outlookmessageheader": Rest.QUOTE,
    "mail-editor-reference-message-container": Rest.QUOTE,
    "ms-outlook-mobile-reference-message": Rest.QUOTE,
    "divrpf": Rest.QUOTE,  # Outlook web of 2010 to 2016, a number behind it
    "_____replyseparator": Rest.QUOTE,  # a bookmark of Outlook on Windows
    "lgemailheader": Rest.QUOTE,
    "htc_header": Rest.QUOTE,
    "zwchr": Rest.QUOTE,  # Zimbra's rule above the earlier mail
    "replysplit": Rest.QUOTE,
    "olk_src_body_section": Trim.QUOTE,  # Outlook for Mac of 2011
    "stopspelling": Rest.QUOTE,  # Outlook web of 2003 to 2010
    "stopspelling_": Rest.QUOTE,
    "gmail_attr": Rest.INTRODUCES,  # with a forwarded mail's header it introduces no quote
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
    "history-quote-wrapper": Trim.QUOTE,  # Lark
    "lark-mail-quote-": Trim.QUOTE,
    "ik_mail_quote": Trim.QUOTE,  # Infomaniak
    "reply139content": Trim.QUOTE,  # China Mobile
    "orimsghtmlseperator": Trim.QUOTE,
    "origbody": Trim.QUOTE,
    "iosymail": Trim.QUOTE,  # Yahoo on iOS
    "ntes-mailmaster-quote": Trim.QUOTE,
    "mail_android_quote": Trim.QUOTE,  # GMX and Web.de on phones
    "messagereplysection": Trim.QUOTE,  # Spark
    "_originalcontent": Trim.QUOTE,  # BlackBerry
    "_persistentheader": Trim.ATTRIBUTION,
    "moz-cite-prefix": Trim.ATTRIBUTION,
    "reply-intro": Trim.ATTRIBUTION,
    "airmail_on": Trim.ATTRIBUTION,
    "gmail_quote_attribution": Trim.ATTRIBUTION,  # Mailspring
    "yahoo-quoted-begin": Trim.ATTRIBUTION,
    "ox-quote-header": Trim.ATTRIBUTION,
    "domino-section-head": Trim.ATTRIBUTION,  # HCL Verse, above the header of the earlier mail
    "moz-forward-container": Trim.FORWARDED,
    "isforwardcontent": Trim.FORWARDED,
    "forwardcontentmessage": Trim.FORWARDED,
    "gmail_signature": Trim.SIGNATURE,
    "gmail_signature_prefix": Trim.SIGNATURE,
    "moz-signature": Trim.SIGNATURE,
    "protonmail_signature_block": Trim.SIGNATURE,
    "applemailsignature": Trim.SIGNATURE,
    "signature": Trim.SIGNATURE,
    "yahoo-signature": Trim.SIGNATURE,
    "ymail_android_signature": Trim.DEVICE,
    "ms-outlook-mobile-signature": Trim.DEVICE,
    "ms-outlook-ios-signature": Trim.DEVICE,
    "acompli_signature": Trim.DEVICE,  # Outlook on phones before 2017
    "_signatureplaceholder": Trim.DEVICE,  # BlackBerry
    "_mailautosig": Trim.SIGNATURE,  # a bookmark of Outlook on Windows
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
    "editorusersignature": Trim.SIGNATURE,  # Infomaniak
    "hs-signature": Trim.SIGNATURE,
    "missive_signature": Trim.SIGNATURE,
    "messagesignaturesection": Trim.SIGNATURE,  # Spark
    "io-ox-signature": Trim.SIGNATURE,
    "ox-signature": Trim.SIGNATURE,
    "imp-signature": Trim.SIGNATURE,  # Horde
    "lark-mail-signature": Trim.SIGNATURE,
    "signcontainer": Trim.SIGNATURE,
    "ntes-signature": Trim.SIGNATURE,  # NetEase
    "imail_signature": Trim.SIGNATURE,
    "mail_android_message": Trim.DEVICE,
    "me-email-text": Trim.FOOTER,  # how to join a meeting in Teams
}
_BY_TAG: dict[str, Trim | Rest] = {"signature": Trim.SIGNATURE, "includetail": Trim.QUOTE}
_BY_ATTRIBUTE: dict[tuple[str, str], Trim | Rest] = {
    ("fairemail", "signature"): Trim.SIGNATURE,
    ("fairemail", "reference"): Trim.QUOTE,
    ("name", "quote"): Trim.QUOTE,  # GMX and Web.de
    ("data-marker", "__QUOTED_TEXT__"): Rest.WRAPPED,  # Zimbra
    ("data-marker", "__DIVIDER__"): Rest.QUOTE,
    ("data-marker", "__SIG_PRE__"): Trim.SIGNATURE,
    ("data-marker", "__SIG_POST__"): Trim.SIGNATURE,
    ("data-signature", "true"): Trim.SIGNATURE,  # Zammad
    ("data-signatureblock", "true"): Trim.SIGNATURE,  # Windows Mail
    ("data-signature-widget", "container"): Trim.SIGNATURE,  # Mail.ru
}
_MARKING = tuple(dict.fromkeys(attribute for attribute, _value in _BY_ATTRIBUTE))
# Outlook, Yahoo and Gmail on the web rename what they show.
_RENAMED = re.compile(r"^(?:x_)+|^ydp[0-9a-f]{6,10}|^yiv\d{6,12}|^(?:gmail-)?m_-?\d{6,25}|^ecx")
_DIGITS = "0123456789"
_QUOTING_STYLE = re.compile(
    r"border-left:(?!none|0|medium none)|border-left-width:[1-9]|border-left-style:solid"
)
# The line that Outlook and Windows Mail draw above the header of the earlier mail.
_OUTLOOK_RULE = re.compile(
    r"border:none;border-top:solid#?\w{3,10}1\.0pt;padding:3\.0pt0"
    r"|padding-top:5px;border-top-color:[^;]{1,40};border-top-width:1px;border-top-style:solid"
)


def container_mark(tag: str, attributes: Mapping[str, str], style: str) -> Trim | Rest | None:
    """What the text in an element (or from it on) is by its name, class and kind; None for the author's."""
    names = f"{attributes.get('id', '')} {attributes.get('class', '')} {attributes.get('name', '')}".lower()
    for renamed in names.split()[:12]:
        name = _RENAMED.sub("", renamed)
        mark = _BY_NAME.get(name) or _BY_NAME.get(name.rstrip(_DIGITS))
        if mark is not None:
            return mark
        if name.startswith("pfptbanner"):  # Proofpoint's warning, with a random end
            return Trim.DISCLAIMER
    return _mark_by_attributes(tag, attributes, names, style)


def _mark_by_attributes(
    tag: str, attributes: Mapping[str, str], names: str, style: str
) -> Trim | Rest | None:
    """The same by what is no class: the kind of element, lines, and some clients' own attributes."""
    mark = _BY_TAG.get(tag)
    if not attributes.keys().isdisjoint(_MARKING):
        marks = (_BY_ATTRIBUTE.get((name, attributes.get(name, ""))) for name in _MARKING)
        mark = next((found for found in marks if found is not None), mark)
    if mark is None and "mso-bookmark:_mailautosig" in style:
        return Trim.SIGNATURE
    if mark is None and tag == "blockquote" and _is_quoting(attributes, names, style):
        return Trim.QUOTE
    if mark is None and tag == "div":
        if attributes.get("type", "").lower() == "cite":  # OTRS
            return Trim.QUOTE
        return Rest.QUOTE if _OUTLOOK_RULE.search(style) else None
    return mark


def has_quoting_edge(style: str) -> bool:
    """Whether a line is drawn on the left of an element, as clients do beside a quote."""
    return "border-left" in style and _QUOTING_STYLE.search(style) is not None


def _is_quoting(attributes: Mapping[str, str], names: str, style: str) -> bool:
    """Whether a blockquote is a client's quote rather than the author's indentation or citation."""
    if attributes.get("type", "").lower() == "cite" or "cite" in attributes:
        return True
    if "elementtoproof" in names:  # what somebody writes in Outlook, with a line beside it
        return False
    return "quote" in names or "data-skiff-mail" in attributes or has_quoting_edge(style)
