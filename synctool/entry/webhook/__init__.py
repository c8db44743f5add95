"""Receives Filevine's webhooks."""
