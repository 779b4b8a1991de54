"""How the mail clients of the demo's people write: one file per client, listed in registry.py."""
