"""Says what kind of conversation a thread is, whether it is sensitive and whether it should be shared.

Reads domain types and returns a Classification; knows nothing of rules, spaces, mail reading or the database.
Start at `spacy_classifier.py`; `features.py` is what it sees of a thread; `training.py` makes `trained/`.
"""
