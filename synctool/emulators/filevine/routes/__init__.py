"""Answers the API's requests, a module for each kind of thing."""
