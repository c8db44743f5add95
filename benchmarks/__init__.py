"""Measures what users wait for and pay for: each module says what, and how to run it."""
