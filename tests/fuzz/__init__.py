"""Fuzzing the reading of mail: what must hold for any bytes, and what looks for bytes that break it."""
