"""Finds the phrases that say what a thread is about: runs of telling words, held against office mail.

Works by word lists and counts, without parts of speech. Never a person's name or an address: who takes part
is known, and a word that is only ever written with a capital is left out unless it is a known product.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log

from classify.digest_words import background, inner_words, products, stop_words
from classify.sentences import sentences
from domain.mail import Address, Thread

MOST, FEWEST = 8, 3
WORDS = 4  # of a phrase
READ = 60_000  # characters of a thread
RARE = 0.001  # share of background threads for a word that is in none
_TOKEN = re.compile(
    r"(?P<not>(?:https?://|www\.)\S+|[\w.+-]{1,64}@\S{1,100}|[@#]\w{1,40}|\d[\w.,:/-]*)"
    r"|(?:[ldjmtsnc]|qu|jusqu|lorsqu|puisqu)['’](?=\w)"
    r"|[^\W_]{1,40}(?:[-+#][^\W_]{1,30}){0,3}(?:['’]s\b)?|[^\w\s]",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What is known of words before a thread is counted."""

    stop: frozenset[str]
    inside: frozenset[str]
    people: frozenset[str]  # words of the names and addresses of those who take part
    lower: frozenset[str]  # words that are mostly written without a capital
    usual: dict[str, float]

    def is_telling(self, token: str) -> bool:
        """Whether a phrase may begin or end with a word."""
        word = _bare(token)
        if word.endswith("'"):  # French elision
            return False
        if len(word) < 3 or not any(map(str.isalpha, word)) or word in self.stop or word in self.people:
            return len(word) == 2 and token.isupper() and word not in self.stop | self.people
        return word in self.lower or word in self.usual or _is_product(token)

    def weight(self, token: str) -> float:
        """How much a word tells: rare ones in office mail the most."""
        return -log(max(RARE, self.usual.get(_bare(token), 0.0)))


def key_phrases(thread: Thread, language: str) -> tuple[str, ...]:
    """Return up to eight phrases, the most telling first; fewer where a thread says little, none in
    a language that is not known."""
    if not stop_words(language):
        return ()
    texts = list(_texts(thread))
    known = _vocabulary(thread, texts, language)
    counted: Counter[str] = Counter()
    shown: dict[str, Counter[str]] = {}
    for text, weight in texts:
        for phrase in _phrases(text, known):
            key = " ".join(map(_bare, phrase))
            counted[key] += weight
            shown.setdefault(key, Counter())[" ".join(phrase)] += 1
    ranked = sorted(counted, key=lambda key: (-_score(key, counted[key], known), key))
    return tuple(_written(shown[key]) for key in _without_parts(ranked, counted))


def _texts(thread: Thread) -> Iterator[tuple[str, int]]:
    """The subject, which counts threefold, and the sentences of all mails."""
    yield (
        re.sub(
            r"\[[^\]]{1,40}\]|^(?:\s{0,3}(?:re|fwd?|tr)\s{0,2}:){1,5}", " ", thread.subject[:300], flags=re.I
        ),
        3,
    )
    left = READ
    for entry in thread.messages:
        for sentence in sentences(entry.message.own_words[:left]):
            yield sentence, 1
        left -= len(entry.message.own_words)
        if left <= 0:
            return


def _vocabulary(thread: Thread, texts: list[tuple[str, int]], language: str) -> Vocabulary:
    within = Counter(token for text, weight in texts if weight == 1 for token in _tokens(text)[1:])
    lower = {token for token in within if token.islower() and within[token] > within[token.capitalize()]}
    messages = [entry.message for entry in thread.messages]
    people = (person for each in messages for person in (each.sender, *each.to, *each.cc, *each.bcc))
    return Vocabulary(
        stop=stop_words("en") | stop_words("fr"),  # many a French mail quotes English, and the reverse
        inside=inner_words(language),
        people=_names(people),
        lower=frozenset(lower),
        usual=dict(background().get(language, {})),
    )


def _names(people: Iterable[Address]) -> frozenset[str]:
    """The words of names and of the parts of addresses that are likely made of names."""
    found: set[str] = set()
    for person in set(people):
        text = f"{person.name} {person.email.partition('@')[0]}"
        found.update(word.lower() for word in re.findall(r"[^\W\d_]{2,40}", text))
    return frozenset(found)


def _tokens(text: str) -> list[str]:
    """Words and signs; "" for links, addresses and numbers, which end a phrase."""
    return ["" if found.lastgroup else found.group() for found in _TOKEN.finditer(text)]


def _phrases(text: str, known: Vocabulary) -> Iterator[tuple[str, ...]]:
    """Yield the runs of telling words of one sentence, and the parts of each run."""
    run: list[str] = []
    for token in (*_tokens(text), ""):
        if known.is_telling(token) or (run and token.lower().replace("’", "'") in known.inside):
            run.append(token)
        elif run:
            yield from _parts(run, known)
            run = []


def _parts(run: list[str], known: Vocabulary) -> Iterator[tuple[str, ...]]:
    """Yield what begins and ends with a telling word and is not too long."""
    telling = [place for place, token in enumerate(run) if known.is_telling(token)]
    for first in telling:
        for last in telling:
            if first <= last < first + WORDS and sum(first <= place <= last for place in telling) <= 3:
                yield tuple(run[first : last + 1])


def _score(key: str, times: int, known: Vocabulary) -> float:
    words = key.split(" ")
    telling = [word for word in words if word not in known.inside and word not in known.stop]
    mean = sum(map(known.weight, telling)) / len(telling)
    length = {1: 0.75, 2: 1.4, 3: 1.3}.get(len(telling), 1.0)
    once = 0.35 if times == 1 else 1.0
    return mean * length * once * log(1 + times)


def _without_parts(ranked: list[str], counted: Counter[str]) -> list[str]:
    """Choose the best phrases; of a phrase and a part of it the better one stays."""
    chosen: list[str] = []
    for key in ranked[:200]:
        telling = counted[key] > 1 or len(chosen) < FEWEST
        if telling and not any(_stems(key) & _stems(other) for other in chosen):
            chosen.append(key)
        if len(chosen) == MOST:
            break
    return chosen


def _written(forms: Counter[str]) -> str:
    """A phrase as it is mostly written, in lower case where it ever is."""
    best = max(sorted(forms), key=lambda form: (form.islower(), forms[form]))
    return re.sub(r"(?<=['’])\s", "", best)


def _stems(key: str) -> frozenset[str]:
    """The words of a phrase without their endings, so that singular and plural are one."""
    return frozenset(word[:6].rstrip("s") for word in key.split(" ") if len(word) > 2)


def _bare(token: str) -> str:
    return token.lower().replace("’", "'").removesuffix("'s")


def _is_product(token: str) -> bool:
    """Whether a word with capitals is a thing's name: known, an abbreviation, or with a capital within."""
    short = token.isupper() and 2 <= len(token) <= 5
    within = any(map(str.isupper, token[1:])) and not token.isupper()
    return token in products() or short or (within and "-" not in token)
