"""Gives the trials the servers of the scenarios."""

from tests.scenarios.conftest import fv, make_office, office, running_filevine, s3_client, weed

__all__ = ["fv", "make_office", "office", "running_filevine", "s3_client", "weed"]
