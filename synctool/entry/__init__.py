"""Starts synctool for people and programs; the only part that shows anything."""
