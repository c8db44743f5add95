"""Decides, purely: no input, no output, no clock, no chance."""
