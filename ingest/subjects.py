"""Subjects without what mail clients and lists put before and behind them (RFC 5256 section 2.1, and more).

`base_subject` is for comparing, `clean_subject` for showing. Not for deciding what belongs together.
"""

import re
from functools import lru_cache

# Reply and forward marks as clients write them; "R" and "I" stand for Italian Risposta and Inoltra.
_REPLY = (
    "re|res|rv|rif|r|aw|antw|antwort|sv|vs|vá|ang|odp|ynt|ref|réf|rép|rep|reply|ответ|отв"
    "|回复|回覆|答复|答覆|返信|回信|답장|回答|απ|σχετ|השב|תשובה|رد|ردّ|پاسخ|ตอบ|ตอบกลับ|trả lời|bls|balas|atb"
    "|yan|réponse|respuesta|risposta|resposta|resp|svar|besvaret|odpowiedź|odpověď|odgovor|odg|válasz"
    "|vastus|vast|atsakymas|ats|atbilde|răspuns|raspuns|rasp|përgj|cevap|yanıt|відп|відповідь|относно|отг"
)
_FORWARD = (
    "fwd?|fw|wg|wtr|tr|enc|rv|i|vl|vb|doorst|vidarebefordrat|vidarebef|pd|podaj dalej|továbbítás"
    "|transf|transfert|inoltra|reenv|rinvio|encaminhado|ilt|пересл|转发|轉寄|轉發|転送"
    "|전달|πρθ|הועבר|إعادة توجيه|chuyển tiếp|trs|fs|ts|deruşare|redir[.]?|videresend"
    "|forwarded|weitergeleitet|reenviado|inoltrato|doorgestuurd|encaminhada|przekazane|vidarebefordrad|videresendt"
    "|vd|přeposláno|preposlané|posr|edasi|προώθ|تحويل|переадр"
)
_COUNT = r"(?:\s*[\[(]\s*\d{1,3}\s*[\])]|\*\d{1,3}|\^\d{1,3})?"
_REPLY_MARK = re.compile(rf"(?:{_REPLY})\.?{_COUNT}\s{{0,3}}[:：]\s*", re.IGNORECASE)
_FORWARD_MARK = re.compile(rf"(?:{_FORWARD})\.?{_COUNT}\s{{0,3}}[:：]\s*", re.IGNORECASE)
# A tag in brackets, as lists and gateways put first; what follows must not be empty.
_TAG = re.compile(r"\[[^\[\]]{1,60}\]\s?[:：]?\s*(?=\S)")
_STARS = re.compile(r"\*{2,5}\s*[\w -]{1,30}\s*\*{2,5}\s*(?=\S)")
_GATEWAY = re.compile(
    r"(?:caution|external(?: e?mail)?|externe|extern|ext|spam)\s*[:：]\s*"
    r"|[(<](?:external|externe|extern|ext)[)>]\s*"
    r"|\{[\w?! -]{1,30}\}\s*(?=\S)",
    re.IGNORECASE,
)
# What may stand before a reply or forward mark, and only there: a list's or a clerk's word, a warning sign.
_BEFORE_MARK = re.compile(r"\([^()]{1,30}\)\s*|[\w .-]{1,30}:\s*|[^\w\s\[(<{*'\"«“„]{1,6}\s*")
# What a subject was before it was changed, in brackets behind it.
_FORMER = re.compile(
    r"\s*[(\[]\s?(?:was\b|(?:war|vorher|früher|était|anciennement|ex|era|antes|foi|tidligere|tidigare|dříve"
    r"|oli|bylo|było|poprzednio|было|раньше|原)\s?[:：])[^()\[\]]{1,300}(?:[)\]]|\Z)",
    re.IGNORECASE,
)
_TRAILER = re.compile(r"\s*\((?:fwd|tr|fw)\)\s*$", re.IGNORECASE)
_WRAPPED = re.compile(r"\[\s*(?:fwd?|fw|tr|wg|re|aw)\s*:\s*(.*)\]\s*", re.IGNORECASE | re.DOTALL)
# What clients show, and some write, where there is none.
_NO_SUBJECT = re.compile(
    "no subject|none|kein betreff|ohne betreff|sans objet|sans sujet|aucun objet|pas de sujet|sin asunto"
    "|nessun oggetto|senza oggetto|geen onderwerp|brak tematu|bez tematu|sem assunto|inget ämne|ingen emne"
    "|uten emne|ei aihetta|без темы|нет темы|žádný předmět|bez předmětu|nincs tárgy|konu yok|无主题|無主題"
    "|件名なし|無題|제목 없음"
)
_BLANKS = re.compile(r"\s+")
_LONGEST = 1_000
_MOST_MARKS = 40


@lru_cache(maxsize=2_000)
def base_subject(subject: str) -> str:
    """What to compare subjects by: no marks, tags or former subject, lower case. "" if nothing is left."""
    stripped = _strip(subject)
    base = (_FORMER.sub("", stripped).strip() or stripped).casefold()
    return "" if _NO_SUBJECT.fullmatch(base.strip("()<>[]-. ")) else base


def clean_subject(subject: str) -> str:
    """What to show: without marks and tags, else as it was written."""
    return _strip(subject) or _BLANKS.sub(" ", subject).strip()


def names_former_subject(subject: str) -> bool:
    """Whether a subject says what it was before, as "New talk (was: Old talk)" does."""
    return _FORMER.search(subject[:_LONGEST]) is not None


def looks_like_reply(subject: str) -> bool:
    """Whether a subject begins with a reply mark, behind tags if need be."""
    return _REPLY_MARK.match(_behind_tags(subject)) is not None


def looks_like_forward(subject: str) -> bool:
    """Whether a subject begins with a forward mark, behind tags if need be, or says "(fwd)" at its end."""
    rest = _behind_tags(subject)
    if _FORWARD_MARK.match(rest) or _WRAPPED.fullmatch(rest):
        return True
    return _TRAILER.search(rest) is not None and _REPLY_MARK.match(rest) is None


def _behind_tags(subject: str) -> str:
    """A subject without what lists and gateways put before its first mark."""
    rest = _BLANKS.sub(" ", subject[:_LONGEST]).strip()
    for _ in range(_MOST_MARKS):
        if _REPLY_MARK.match(rest) or _FORWARD_MARK.match(rest) or _WRAPPED.fullmatch(rest):
            break
        match = _TAG.match(rest) or _STARS.match(rest) or _GATEWAY.match(rest)
        shorter = _from_mark(rest) if match is None else rest[match.end() :]
        if shorter == rest:
            break
        rest = shorter
    return rest


def _strip(subject: str) -> str:
    rest = _BLANKS.sub(" ", subject[:_LONGEST]).strip()
    for _ in range(_MOST_MARKS):
        shorter = _strip_once(rest)
        if shorter == rest:
            break
        rest = shorter
    return rest


def _strip_once(text: str) -> str:
    text = _TRAILER.sub("", text)
    wrapped = _WRAPPED.fullmatch(text)
    if wrapped is not None:
        return wrapped.group(1).strip()
    for pattern in (_REPLY_MARK, _FORWARD_MARK, _GATEWAY, _TAG, _STARS):
        match = pattern.match(text)
        if match is not None:
            return text[match.end() :]
    return _from_mark(text)


def _from_mark(text: str) -> str:
    """A text from its reply or forward mark on, where only a word or a sign stands before that."""
    match = _BEFORE_MARK.match(text)
    rest = "" if match is None else text[match.end() :]
    mark = _REPLY_MARK.match(rest) or _FORWARD_MARK.match(rest)
    # "I:" and "R:" are marks at the beginning only: elsewhere they number things.
    return rest if mark is not None and mark.end() > len("i: ") else text
