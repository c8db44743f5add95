"""Says where in Filevine profiles live, so that its events find them."""

from collections.abc import Iterable

from synctool.config.profile import FilevineSettings, Profile
from synctool.core.events import Home


def homes_of(profiles: Iterable[Profile]) -> list[Home]:
    """The Filevine sides in use, of templates too."""
    return [
        Home(profile.name, side, settings.org, settings.project)
        for profile in profiles
        for side, settings in profile.sides.items()
        if isinstance(settings, FilevineSettings)
    ]
