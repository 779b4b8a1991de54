"""Draws a digest from a thread: its question and answer, what was decided, the sentences that matter most.

Extractive: nothing is worded anew, each sentence names its mail. Only own words are read, never what was
trimmed; whether a thread may be shown at all is decided before. Linear in the text.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from classify.digest_words import stop_words, turns_of_phrase
from classify.keyphrases import key_phrases
from classify.phrases import plain
from classify.sentences import LONGEST, sentences
from domain.digest import Digest, Excerpt
from domain.mail import Thread

MAILS = 200  # of a thread; what is written later is not looked at
OF_A_MAIL = 120  # sentences
ANSWERS, MAIN = 3, 3  # sentences at most
LONG_ENOUGH = 8  # sentences that a thread must have for further ones to be drawn
ALIKE = 0.5  # share of words in common from which two sentences say the same
_WORD = re.compile(r"[^\W\d_]{3,40}")
_ADDRESS = re.compile(r"\w@\w")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence of a mail with what is known of it."""

    text: str
    mail: int  # number of the mail
    place: int  # among the mail's sentences
    words: frozenset[str]  # that mean something
    cues: frozenset[str]
    asks: bool

    @property
    def is_showable(self) -> bool:
        """Whether it can stand alone: some words, not too long, no greeting."""
        return len(self.words) >= 2 and _is_prose(self.text) and not self.is_chatter

    @property
    def is_chatter(self) -> bool:
        """Whether it greets, thanks or takes leave and says little else."""
        return "chatter" in self.cues and len(self.words) < 5


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A thread's sentences by mail, and how its mails hang together."""

    keys: tuple[str, ...]  # of the mails
    authors: tuple[str, ...]
    parents: tuple[int | None, ...]  # number of the mail that each answers
    mails: tuple[tuple[Sentence, ...], ...]
    topic: frozenset[str]  # words of the subject
    subject_asks: bool
    weights: dict[str, float]  # how central a word is to the thread

    def excerpt(self, sentence: Sentence) -> Excerpt:
        """The sentence as it is shown."""
        return Excerpt(text=sentence.text, key=self.keys[sentence.mail])

    def centrality(self, sentence: Sentence) -> float:
        """How much the sentence says of what the thread is about, 0 and more; long ones gain little."""
        gained = sum(self.weights.get(word, 0.0) for word in sentence.words)
        return gained / (4.0 + len(sentence.words))


def digest_of(thread: Thread, language: str) -> Digest:
    """Return the digest of a thread (as far as it may be shown) in its language, ISO 639-1."""
    talk = _talk(thread, language)
    question = _question(talk)
    answer = _answer(talk, question) if question is not None else ()
    taken = [each for each in (question, *answer) if each is not None]
    decision = _decision(talk, taken)
    taken += [] if decision is None else [decision]
    return Digest(
        language=language,
        question=None if question is None else talk.excerpt(question),
        answer=tuple(map(talk.excerpt, answer)),
        decision=None if decision is None else talk.excerpt(decision),
        main=tuple(map(talk.excerpt, _main(talk, taken))),
        key_phrases=key_phrases(thread, language),
    )


def _talk(thread: Thread, language: str) -> Talk:
    messages = [entry.message for entry in thread.messages[:MAILS]]
    by_id = {message.message_id: number for number, message in enumerate(messages) if message.message_id}
    stop = stop_words(language)
    mails = tuple(
        tuple(
            _sentence(text, mail, place, stop)
            for place, text in enumerate(islice(sentences(message.own_words), OF_A_MAIL))
        )
        for mail, message in enumerate(messages)
    )
    topic = _words(thread.subject, stop)
    return Talk(
        keys=tuple(message.digest for message in messages),
        authors=tuple(message.sender.email for message in messages),
        parents=tuple(_parent(message.in_reply_to, by_id, mail) for mail, message in enumerate(messages)),
        mails=mails,
        topic=topic,
        subject_asks=thread.subject.rstrip().endswith("?"),
        weights=_weights(mails, topic),
    )


def _parent(answered: Iterable[str], by_id: dict[str, int], mail: int) -> int | None:
    found = (by_id[each] for each in answered if each in by_id)
    return next(found, None if mail == 0 else mail - 1)


def _sentence(text: str, mail: int, place: int, stop: frozenset[str]) -> Sentence:
    cues = frozenset(turns_of_phrase().find(plain(text[: 2 * LONGEST])))
    asks = text.rstrip("\"'»”’)] ").endswith("?") or "asks" in cues
    return Sentence(text=text, mail=mail, place=place, words=_words(text, stop), cues=cues, asks=asks)


def _words(text: str, stop: frozenset[str]) -> frozenset[str]:
    found = map(str.lower, _WORD.findall(text[: 4 * LONGEST]))
    return frozenset(_stem(word) for word in found if word not in stop)


def _stem(word: str) -> str:
    """Let singular and plural, and most forms of a verb, count as one word."""
    return word[:6] if len(word) > 6 else word.rstrip("s")


def _weights(mails: Sequence[Sequence[Sentence]], topic: frozenset[str]) -> dict[str, float]:
    """Weigh words by the mails that they occur in: what several people speak of is what it is about."""
    spread = Counter(word for mail in mails for word in {word for each in mail for word in each.words})
    times = Counter(word for mail in mails for each in mail for word in each.words)
    return {
        word: (number + 0.3 * min(times[word], 10)) / (1 + len(mails)) + (1.0 if word in topic else 0.0)
        for word, number in spread.items()
    }


def _question(talk: Talk) -> Sentence | None:
    """What the first mail asks; of several questions the one most about the thread's matter."""
    first = talk.mails[0] if talk.mails else ()
    asked = [each for each in first if each.asks and _can_be_asked(each)]
    if not asked and talk.subject_asks:  # and the mail only explains
        asked = [each for each in first if each.is_showable][:2]
    return max(asked, key=lambda each: (_asking(talk, each), -each.place), default=None)


def _can_be_asked(each: Sentence) -> bool:
    courtesy = "courtesy" in each.cues and len(each.words) < 3
    return bool(each.words) and _is_prose(each.text) and not courtesy


def _asking(talk: Talk, each: Sentence) -> float:
    marked = each.text.rstrip("\"'»”’)] ").endswith("?")
    return talk.centrality(each) + 0.4 * marked + 0.3 * ("asks" in each.cues) - 0.3 * (len(each.words) < 3)


def _answer(talk: Talk, question: Sentence) -> tuple[Sentence, ...]:
    """The sentences that answer, of the one mail that answers best."""
    asker = talk.authors[question.mail]
    best: tuple[float, list[tuple[float, Sentence]]] = (0.0, [])
    confirmed = _confirmed(talk, asker)
    for mail, said in enumerate(talk.mails):
        if mail <= question.mail or talk.authors[mail] == asker:
            continue
        scored = [(_answering(talk, question, each), each) for each in said if _can_answer(each)]
        top = sorted((score for score, _ in scored), reverse=True)[:2]
        total = sum(top) + 2.0 * (mail in confirmed) + 0.3 * (talk.parents[mail] == question.mail)
        if scored and total > best[0]:
            best = (total, scored)
    return _best(best[1], ANSWERS)


def _can_answer(each: Sentence) -> bool:
    short_and_plain = len(each.words) >= 1 and "answers" in each.cues
    return (each.is_showable or short_and_plain) and _is_prose(each.text) and not each.is_chatter


def _confirmed(talk: Talk, asker: str) -> frozenset[int | None]:
    """The mails to which the asker said that they helped."""
    return frozenset(
        talk.parents[mail]
        for mail, said in enumerate(talk.mails)
        if talk.authors[mail] == asker and any("confirms" in each.cues for each in said)
    )


def _answering(talk: Talk, question: Sentence, each: Sentence) -> float:
    shared = len(each.words & (question.words | talk.topic)) / (3.0 + len(question.words))
    cue = 0.5 * ("answers" in each.cues) + 0.3 * ("decides" in each.cues)
    return max(0.0, shared + cue + 0.5 * talk.centrality(each) - 0.6 * each.asks - 0.02 * each.place)


def _best(scored: list[tuple[float, Sentence]], most: int) -> tuple[Sentence, ...]:
    """The best sentences and those nearly as good, in the order in which they were written."""
    ranked = sorted(scored, key=lambda pair: (-pair[0], pair[1].place))[:most]
    least = 0.55 * ranked[0][0] if ranked else 0.0
    good = [each for score, each in ranked if score >= least]
    return tuple(sorted(good, key=lambda each: each.place))


def _decision(talk: Talk, taken: Sequence[Sentence]) -> Sentence | None:
    """What was settled, the last time that it was; not where it is only asked or put off."""
    said = (each for mail in reversed(talk.mails) for each in reversed(mail) if _decides(each))
    return next((each for each in said if each not in taken), None)


def _decides(each: Sentence) -> bool:
    return "decides" in each.cues and "undecided" not in each.cues and not each.asks and each.is_showable


def _main(talk: Talk, taken: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Further sentences by weight, none like another; nothing where the mails are soon read anyway."""
    everything = [each for mail in talk.mails for each in mail if each.is_showable]
    if len(everything) < LONG_ENOUGH:
        return ()
    ranked = sorted(everything, key=lambda each: (-_mattering(talk, each), each.mail, each.place))
    chosen: list[Sentence] = []
    for each in ranked[: 10 * MAIN]:
        if not any(_alike(each, other) for other in (*taken, *chosen)):
            chosen.append(each)
        if len(chosen) == MAIN:
            break
    return tuple(sorted(chosen, key=lambda each: (each.mail, each.place)))


def _mattering(talk: Talk, each: Sentence) -> float:
    first = 0.2 if each.mail == 0 else 0.0
    early = 0.1 / (1 + each.place)
    cue = 0.25 * ("matters" in each.cues) + 0.25 * ("decides" in each.cues) + 0.1 * ("answers" in each.cues)
    return talk.centrality(each) + first + early + cue - 0.4 * each.asks


def _is_prose(text: str) -> bool:
    """Whether it is a sentence of fair length: no code, no table, no address."""
    letters = sum(map(str.isalpha, text)) + text.count(" ")
    return len(text) <= LONGEST and letters >= 0.75 * len(text) and _ADDRESS.search(text) is None


def _alike(one: Sentence, other: Sentence) -> bool:
    return one == other or len(one.words & other.words) >= ALIKE * min(len(one.words), len(other.words))
