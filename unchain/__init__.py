"""Wiring, the way of a mail, the worker and the command line."""
