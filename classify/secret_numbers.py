"""Finds credentials, identity and bank numbers in a text, by their check digits where they have any.

Returns reasons and sentences, never the number or the secret itself.
"""

import re
from collections.abc import Callable, Iterator

from stdnum import iban, luhn
from stdnum.ca import sin
from stdnum.fr import nir
from stdnum.us import ssn

Found = tuple[str, str]  # reason, sentence

_NEAR = 60  # characters around a number in which a word says what it is
_NAMED = (
    r"(?:pass\s?-?words?|passwd|pwd|pw|passphrase|passcode|(?:mots?|phrases?)\s+de\s+passe|mdp|api[\s_-]?key|cl[eé]\s+api"
    r"|secret(?:\s+key)?|access[\s_-]?token|jeton(?:\s+d['’]acc[eè]s)?"
    r"|recovery code|code de r[eé]cup[eé]ration)"
)
# Plain hints come before the patterns: looking for them costs a fraction.
_CREDENTIALS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (("private key",), re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY"), "A private key is in it."),
    (
        ("akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "xox"),
        re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{30}|\bglpat-\w{20}|\bxox[abpr]-[\w-]{10}"),
        "An access key is in it.",
    ),
    (("eyj",), re.compile(r"\beyJ[\w-]{10,500}\.[\w-]{10,500}\."), "A signed token is in it."),
    (
        ("://",),
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,64}:[^\s/@]{3,64}@"),
        "An address with its password is in it.",
    ),
)
_SECRET_HINTS = (
    *("pass", "pwd", "pw:", "pw ", "pw=", "mot de", "mots de", "mdp", "key", "clé", "cle ", "secret"),
    *("token", "jeton", "recovery code", "code de r"),
)
_STATED = re.compile(
    _NAMED
    + r"[\s\"'*]{0,3}(?P<sign>(?:\s+(?:is|est|c['’]est|sera|will be)(?:\s+now|\s+maintenant)?\s*:?)|\s*[:=])"
    r"[\s\"'*`«]{0,4}(?P<value>[^\s\"'`»<>]{4,64})",
    re.IGNORECASE,
)
# A passphrase of several words in quotation marks; a password behind its name without a sign between them.
_QUOTED = re.compile(
    _NAMED + r"\s{0,3}(?:is|est|c['’]est|[:=])?\s{0,3}"
    r"[\"“«]\s?(?P<value>[^\"”»\n]{4,60}\d[^\"”»\n]{0,60})\s?[\"”»]",
    re.I,
)
_BESIDE = re.compile(
    r"\b(?:pass|mdp|pwd?|mot de passe|password)(?:\s+is|\s+est)?\s+"
    r"(?=[^\s,;]{0,40}\d)(?=[^\s,;]{0,40}[A-Za-z])(?P<value>[^\s,;()]{8,64})",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"\b[A-Z][A-Z0-9_]{0,40}(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD)\s?=\s?[\"']?(?=\S{0,40}\d)(?P<value>[\w/+=.-]{16,200})"
)
_NOT_A_SECRET = re.compile(
    r"(?:https?|www|your|the|this|that|please|required|needed|expired|invalid|incorrect|wrong|correct|same|case|not|sent|set|protected"
    r"|reset|changed|stored|hidden|encrypted|votre|requis|n[eé]cessaire|expir|invalide|incorrect|oubli|forgot|optional|obligatoire"
    r"|\(|\[|<|\*{3}|x{3}|\.{3}|\$|none|null|true|false|prompt|str|string|getpass|self|admin-provided)",
    re.IGNORECASE,
)
_ENDS_LINE = re.compile(r"[\s\"'`»>]{0,3}(?:\n|\Z)")
_PIN = re.compile(
    r"\b(?:pin|nip|code\s+(?:d['’]acc[eè]s|d['’]alarme|de\s+la\s+porte)|(?:door|alarm|gate|access)\s+code)\b\W{0,3}(?:is|est|:|=)\W{0,3}\d{4,8}\b",
    re.I,
)

_SIN = re.compile(r"(?<![\d.-])([1-79]\d{2})([ -])(\d{3})\2(\d{3})(?![\d-])|(?<![\d.-])([1-79]\d{8})(?!\d)")
_SIN_WORD = re.compile(r"\b(?:sin|nas|social insurance|assurance sociale)\b", re.IGNORECASE)
_COMPANY_WORD = re.compile(
    r"\b(?:siren|siret|rcs|tva|duns|neq|gst|tps|tel|t[eé]l|phone|fax|ticket|order|commande|facture|ref)", re.I
)
_NIR = re.compile(r"(?<!\d)[1-478]\s?\d{2}\s?\d{2}\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}\s?\d{2}(?!\d)")
_SSN = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(
    r"(?<![\d.-])[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{1,4}(?![\d-])|(?<!\d)3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?!\d)"
)
_RIB = re.compile(r"(?<!\d)(\d{5})\s?(\d{5})\s?([0-9A-Z]{11})\s?(\d{2})(?!\d)")
_CANADIAN_ACCOUNT = re.compile(
    r"\b(?:transit|succursale|institution|no\s+de\s+compte|num[eé]ro\s+de\s+compte|account\s+(?:number|no|#)|compte)\b\W{0,6}(?:\w{1,10}\W{1,3})?\d{3,5}"
    r"[\s\S]{0,80}?\b(?:institution|compte|account|folio)\b\D{0,20}\d{3,12}",
    re.IGNORECASE,
)
_HEALTH_CARD = re.compile(r"(?<!\w)[A-Z]{4}[ -]?\d{4}[ -]?\d{4}(?!\w)")  # Quebec: name, birth date, check
_HEALTH_WORD = re.compile(
    r"ramq|assurance[\s-]maladie|carte\s+soleil|health\s+(?:card|insurance)|ohip|carte\s+sant[eé]", re.I
)
_ONTARIO = re.compile(r"(?<!\d)\d{4}[ -]\d{3}[ -]\d{3}(?!\d)")
_PASSPORT = re.compile(
    r"\bpass(?:port|eport)\b[^\n]{0,30}\b[A-Z]{1,2}\d{6,7}\b|\bpasseport\b[^\n]{0,30}\b\d{2}[A-Z]{2}\d{5}\b",
    re.I,
)

_LETTER_VALUES = {
    c: str(v)
    for c, v in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [*range(1, 10), *range(1, 10), *range(2, 10)], strict=True)
}


def secret_numbers(text: str) -> Iterator[Found]:
    """Yield a reason and a sentence for each sort of credential, identity or bank number in the text."""
    lower = text.lower()
    for hints, pattern, sentence in _CREDENTIALS:
        if any(hint in lower for hint in hints) and pattern.search(text):
            yield "credentials", sentence
    if any(hint in lower for hint in _SECRET_HINTS) and _states_secret(text):
        yield "credentials", "A password or key is written in it."
    if any(hint in lower for hint in ("pin", "nip", "code")) and _PIN.search(text):
        yield "credentials", "An access code is written in it."
    if sum(map(text.count, "0123456789")) >= 8:
        for hints, reason, sentence, test in _NUMBERS:
            if (not hints or any(hint in lower for hint in hints)) and test(text):
                yield reason, sentence


def _states_secret(text: str) -> bool:
    if any(map(_is_secret, _STATED.finditer(text))):
        return True
    matches = (match for pattern in (_QUOTED, _BESIDE, _ASSIGNED) for match in pattern.finditer(text))
    return any(_NOT_A_SECRET.match(match["value"]) is None or " " in match["value"] for match in matches)


def _is_secret(match: re.Match[str]) -> bool:
    """Tell a secret from prose: it holds a digit or sign, or stands alone behind a colon."""
    value = match["value"].rstrip(".,;)")
    if len(value) < 4 or _NOT_A_SECRET.match(value):
        return False
    mixed = any(map(str.isdigit, value)) or bool(re.search(r"[a-z][A-Z]|[!#$%&*+@^~]", value))
    return mixed or (
        match["sign"].strip() in {":", "="} and _ENDS_LINE.match(match.string, match.end()) is not None
    )


def _near(text: str, match: re.Match[str], word: re.Pattern[str]) -> bool:
    return bool(word.search(text[max(0, match.start() - _NEAR) : match.end() + _NEAR]))


def _has_sin(text: str) -> bool:
    """Canadian social insurance number: Luhn, and either grouped or named; company numbers look the same."""
    for match in _SIN.finditer(text):
        if not sin.is_valid(match.group()) or _near(text, match, _COMPANY_WORD):
            continue
        if match[1] or _near(text, match, _SIN_WORD):
            return True
    return False


def _has_nir(text: str) -> bool:
    return any(nir.is_valid(match.group()) for match in _NIR.finditer(text))


def _has_ssn(text: str) -> bool:
    return any(ssn.is_valid(match.group()) for match in _SSN.finditer(text))


def _has_iban(text: str) -> bool:
    return any(iban.is_valid(match.group(), check_country=False) for match in _IBAN.finditer(text))


def _has_card(text: str) -> bool:
    numbers = (re.sub(r"\D", "", match.group()) for match in _CARD.finditer(text))
    return any(
        13 <= len(number) <= 16 and luhn.is_valid(number) and len(set(number)) > 1 for number in numbers
    )


def _has_rib(text: str) -> bool:
    return any(rib_is_valid("".join(match.groups())) for match in _RIB.finditer(text.upper()))


def rib_is_valid(rib: str) -> bool:
    """Check a French account number (bank 5, branch 5, account 11, key 2) by its key, modulo 97."""
    digits = "".join(_LETTER_VALUES.get(c, c) for c in rib)
    if len(digits) != 23 or not digits.isdigit() or len(set(digits)) < 3:
        return False
    bank, branch, account, key = int(digits[:5]), int(digits[5:10]), int(digits[10:21]), int(digits[21:])
    return key == 97 - (89 * bank + 15 * branch + 3 * account) % 97


def _has_canadian_account(text: str) -> bool:
    return bool(_CANADIAN_ACCOUNT.search(text))


def _has_health_card(text: str) -> bool:
    named = any(_near(text, match, _HEALTH_WORD) for match in _HEALTH_CARD.finditer(text))
    return named or any(
        luhn.is_valid(re.sub(r"\D", "", match.group())) and _near(text, match, _HEALTH_WORD)
        for match in _ONTARIO.finditer(text)
    )


def _has_passport(text: str) -> bool:
    return bool(_PASSPORT.search(text))


_HEALTH_HINTS = ("ramq", "maladie", "soleil", "health", "ohip", "carte sant")
_ACCOUNT_HINTS = ("transit", "succursale", "institution", "compte", "account")
_NUMBERS: tuple[tuple[tuple[str, ...], str, str, Callable[[str], bool]], ...] = (
    ((), "identity", "A Canadian social insurance number is in it.", _has_sin),
    ((), "identity", "A French social security number is in it.", _has_nir),
    (("-",), "identity", "An American social security number is in it.", _has_ssn),
    (_HEALTH_HINTS, "identity", "A health card number is in it.", _has_health_card),
    (("passport", "passeport"), "identity", "A passport number is in it.", _has_passport),
    ((), "money", "An international bank account number is in it.", _has_iban),
    ((), "money", "A payment card number is in it.", _has_card),
    ((), "money", "A French bank account number is in it.", _has_rib),
    (_ACCOUNT_HINTS, "money", "A Canadian bank account is in it.", _has_canadian_account),
)
