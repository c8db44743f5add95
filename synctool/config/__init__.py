"""Turns YAML profiles into checked, frozen values."""

from synctool.config.loading import find, for_project, load
from synctool.config.places import check_overlaps

__all__ = ["check_overlaps", "find", "for_project", "load"]
