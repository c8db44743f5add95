"""Writes the text of a new profile, with a comment where a newcomer would ask."""

from collections.abc import Mapping
from typing import Any

from synctool.config.document import dump
from synctool.core.model import SideName

SIGN_IN = {
    "token": {
        "client_id": "FILEVINE_CLIENT_ID",
        "client_secret": "FILEVINE_CLIENT_SECRET",
        "token": "FILEVINE_PAT",
    },
    "key": {"api_key": "FILEVINE_API_KEY", "api_secret": "FILEVINE_API_SECRET"},
}
"""The fields of each sign-in to Filevine, and the variables that a new profile reads them from."""

_TEXT = """\
# yaml-language-server: $schema=../schemas/profile.schema.json
#
# {title}
#   synctool plan {name}     what would happen? Changes nothing.
#   synctool apply {name}    does it, once mode is sync
version: 1
{project}mode: observe # plan only; say sync once the plans look right
timezone: {timezone} # of the dates in the names of conflict copies

sides: # in rank order: where nobody can be asked, the first one goes first
{sides}

{folders}
# rules: # the first that matches decides; what no rule names is kept the same
#   - exclude: "*.pst"

conflicts: # the first that matches decides; hold: wait for a person
  - {{match: "**", policy: keep-both}} # edited in two places at once: both versions stay

# deletes: {{from: [{names}]}} # whose deletes are obeyed; all of them, unless this says otherwise
# holds: ["Evidence/**"] # legal hold: never removed anywhere, whoever asks
"""

_NO_FOLDERS = """\
# folders: # only what is called something else on one side; all other folders are the same everywhere
#   - {{at: Discovery, {side}: 02 Discovery}}
"""


def draft(
    name: str,
    title: str,
    project: int | None,
    timezone: str,
    sides: Mapping[SideName, Mapping[str, Any]],
    folders: list[dict[str, str]],
) -> str:
    """The text of a profile that only plans. sides: what each says but its secrets; folders: what is mapped."""
    return _TEXT.format(
        name=name,
        title=title,
        project=f"project: {project}\n" if project else "",
        timezone=dump(timezone, one_line=True),
        sides="\n".join(line for side, said in sides.items() for line in _side(side, said)),
        folders=_folders(folders) or _NO_FOLDERS.format(side=list(sides)[-1]),
        names=", ".join(sides),
    )


def _side(name: SideName, said: Mapping[str, Any]) -> list[str]:
    plain = {key: value for key, value in said.items() if key != "auth"}
    lines = [f"  {name}:", *(f"    {key}: {dump(value, one_line=True)}" for key, value in plain.items())]
    if auth := said.get("auth"):
        lines.append("    auth: # from the environment, or from .env beside this file; never written here")
        lines += [f"      {key}: {dump(value, one_line=True)}" for key, value in auth.items()]
        lines += [f'      {field}: "${{{variable}}}"' for field, variable in SIGN_IN[auth["mode"]].items()]
    return lines


def _folders(folders: list[dict[str, str]]) -> str:
    if not folders:
        return ""
    lines = [f"  - {dump(pair, one_line=True)}\n" for pair in folders]
    return (
        "folders: # what is called something else on one side; all others are the same everywhere\n"
        + "".join(lines)
    )
