"""Connects looking, deciding and doing in one straight line."""
