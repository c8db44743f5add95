"""Keeps one set of documents the same in several places, and loses nothing."""
