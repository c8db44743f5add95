"""Turns YAML profiles into checked, frozen values."""
