"""Servers to try synctool with and to test against."""
