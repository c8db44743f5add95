"""Touches documents on a disk or a mounted share."""

from synctool.sides.drive.side import DriveSide

__all__ = ["DriveSide"]
