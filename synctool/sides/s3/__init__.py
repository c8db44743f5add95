"""Keeps documents as objects in an S3 bucket."""

from synctool.sides.s3.side import S3Side

__all__ = ["S3Side"]
