"""Touches the places where documents live; one room per kind of place."""
