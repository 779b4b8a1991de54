"""Connectors: one file for each kind of service that threads can move into. See base.py for the protocol."""
