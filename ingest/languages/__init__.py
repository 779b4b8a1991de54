"""Language tables for reading mail: one TOML file per language, read by ingest.phrases.

Only words live here; what is done with them is decided in the modules that use them.
"""
