"""Numbered migrations, forward only; each in its own transaction."""
