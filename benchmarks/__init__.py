"""Measurements against a peer or a floor in the same run; no part of the product and of no test."""
