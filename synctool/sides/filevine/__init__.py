"""Speaks with Filevine: an API client, and the side built on it."""
