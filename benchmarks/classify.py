"""Classifying threads, features and gate included: how many a second, and what it takes to begin.

Beside it in the same run: spaCy's blank tokenizer and its bag of words, and, where it is installed, a
scikit-learn pipeline. Run: python -m benchmarks.classify [THREADS.jsonl] [ROUNDS]
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import spacy
from rich.console import Console

from benchmarks.comparing import in_turn, show
from classify.labelled import read_threads
from classify.spacy_classifier import SpacyClassifier
from classify.summary import digest_of
from classify.training import invented_threads
from domain.mail import Thread
from ingest.own_words import split_plain

_CONSOLE = Console(width=140, highlight=False)
MOST = 200  # threads of a file
START = """
import time; begun = time.perf_counter()
from classify.spacy_classifier import SpacyClassifier
from classify.training import invented_threads
classifier = SpacyClassifier.load()
en, fr = (next(t for _, t, label in invented_threads() if label.language == code) for code in ("en", "fr"))
classifier.classify(en); classifier.classify(fr)
import resource
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(time.perf_counter() - begun, time.process_time(), memory)
"""


def main() -> None:
    """Print a table for the invented threads, one for a file's, and what a start costs."""
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    compare("Invented threads", [thread for _, thread, _ in invented_threads()][::4], rounds)
    if len(sys.argv) > 1:
        path = Path(sys.argv[1])
        rows = islice(read_threads(path, split=split_plain), MOST)
        compare(path.name, [thread for _, thread in rows], rounds)
    _start()
    _CONSOLE.print(
        f"Memory of this run: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most"
    )


def compare(title: str, threads: Sequence[Thread], rounds: int) -> None:
    """Print what classifying these threads costs each way."""
    texts = [_text(thread) for thread in threads]
    classifier = SpacyClassifier.load()
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: [classifier.classify(thread) for thread in threads],
        "ours, digests alone": lambda: [digest_of(thread, "en") for thread in threads],
        "spaCy, blank tokenizer": _tokenizer(texts),
        "spaCy, bag of words": _bag_of_words(texts),
        **_scikit_learn(texts),
    }
    spent = in_turn(ways, rounds=rounds)
    characters = sum(map(len, texts)) / len(texts)
    show(
        f"{title}: {len(threads):,}, {characters:,.0f} characters each",
        spent,
        ours="ours",
        mails=len(threads),
    )
    best, median = min(spent["ours"]), sorted(spent["ours"])[len(spent["ours"]) // 2]
    _CONSOLE.print(
        f"ours: {len(threads) / median:,.0f} threads a CPU second, {len(threads) / best:,.0f} at best"
    )


def _text(thread: Thread) -> str:
    return "\n".join([thread.subject, *(entry.message.own_words for entry in thread.messages)])


def _tokenizer(texts: Sequence[str]) -> Callable[[], object]:
    nlp = spacy.blank("en")
    return lambda: [nlp.make_doc(text[:6000]) for text in texts]


def _bag_of_words(texts: Sequence[str]) -> Callable[[], object]:
    """spaCy's own bag of words over ten labels, untrained: its speed is that of a trained one."""
    nlp = spacy.blank("en")
    model = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "ngram_size": 2}
    pipe = nlp.add_pipe("textcat", config={"model": {**model, "length": 262144, "no_output_layer": False}})
    for label in range(10):
        pipe.add_label(str(label))  # type: ignore[attr-defined]
    nlp.initialize()
    return lambda: list(nlp.pipe(text[:6000] for text in texts))


def _scikit_learn(texts: Sequence[str]) -> dict[str, Callable[[], object]]:
    """Hashed words and letters with a linear model; empty where scikit-learn is not installed."""
    try:
        from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415 — may be missing
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.pipeline import make_pipeline, make_union  # noqa: PLC0415
    except ImportError:
        _CONSOLE.print("scikit-learn is not installed: its base line is left out (pip install scikit-learn)")
        return {}
    counts = make_union(HashingVectorizer(), HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5)))
    model = make_pipeline(counts, LogisticRegression(max_iter=20))
    model.fit(texts, [number % 8 for number in range(len(texts))])
    return {"scikit-learn, words and letters": lambda: model.predict_proba(texts)}


def _start() -> None:
    """Print how long a fresh process needs until it has judged a thread of each language, and its memory."""
    before = time.perf_counter()
    said = subprocess.run(  # noqa: S603 — ourselves
        [sys.executable, "-c", START], capture_output=True, text=True, check=True
    ).stdout
    wall, cpu, memory = map(float, said.split())
    whole = time.perf_counter() - before
    _CONSOLE.print(
        f"Start to first answers in both languages: {wall:.1f} s ({cpu:.1f} s of CPU, {whole:.1f} s with"
        f" Python), {memory:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
