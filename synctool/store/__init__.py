"""Remembers what each side held and what was agreed."""
