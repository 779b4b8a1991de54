"""Counts in how many invented office threads each common word occurs, to hold key phrases against.

Run after the invented threads have grown: python -m classify.background_words
"""

import json
import re
from collections import Counter

from classify.digest_words import BACKGROUND
from classify.training import invented_threads
from domain.mail import Thread

FEWEST = 3  # threads; rarer words are no background
_WORD = re.compile(r"[^\W\d_]{3,30}(?:-[^\W\d_]{2,20}){0,3}")


def background_of(threads: list[Thread]) -> dict[str, float]:
    """The share of the threads in which each word occurs, without words that are mostly names."""
    holding, all_, capital = Counter[str](), Counter[str](), Counter[str]()
    for thread in threads:
        seen = set()
        for text in (entry.message.own_words for entry in thread.messages):
            for found in _WORD.finditer(text):
                word = found.group().lower()
                within = text[max(0, found.start() - 2) : found.start()].strip(" ,'’-").isalpha()
                all_[word] += 1
                capital[word] += found.group()[0].isupper() and within
                seen.add(word)
        holding.update(seen)
    usual = {word: number for word, number in holding.items() if capital[word] < 0.3 * all_[word]}
    return {word: round(n / len(threads), 4) for word, n in sorted(usual.items()) if n >= FEWEST}


def main() -> None:
    """Write the table that ships."""
    rows = invented_threads()
    table = {
        code: background_of([thread for _, thread, label in rows if label.language == code])
        for code in ("en", "fr")
    }
    BACKGROUND.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
