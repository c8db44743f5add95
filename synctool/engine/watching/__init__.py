"""Keeps profiles the same for as long as it runs: hears what changes, and takes each profile round the line when it is due."""
