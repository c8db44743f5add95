"""Stands in for Filevine: its sign-ins, its API and its storage over real HTTP, and a back door for its people."""

from synctool.emulators.filevine.emulator import FilevineEmulator

__all__ = ["FilevineEmulator"]
