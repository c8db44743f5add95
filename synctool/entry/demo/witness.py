"""Sees for itself what the three places hold, without asking synctool."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from synctool.entry.demo.stage import BUCKET, Stage

Tree = Mapping[str, bytes]
"""Paths and bytes; the path of a folder ends in a slash."""

_OURS = ".synctool"
_FILEVINE_TRASH = ".synctool trash/"


def trees(stage: Stage, spellings: Mapping[str, str]) -> dict[str, Tree]:
    """What each place holds of the case. spellings: the true names of the Z-Drive's stand-ins."""
    return {"filevine": _filevine(stage), "s3": _s3(stage), "zdrive": _drive(stage, spellings)}


def kept(stage: Stage) -> dict[str, set[bytes]]:
    """The former bytes that each place still has, as versions or in trash."""
    door = stage.filevine.colleague
    leaves = door.tree(stage.project)
    versions = {data for leaf in leaves for data in door.versions(leaf.id)[:-1]}
    listed = stage.client.list_object_versions(Bucket=BUCKET, Prefix=stage.prefix)["Versions"]
    trash = stage.drive / _OURS / "trash"
    return {
        "filevine": versions
        | {leaf.bytes or b"" for leaf in leaves if leaf.path.startswith(_FILEVINE_TRASH)},
        "s3": {_object(stage, each["Key"], each["VersionId"]) for each in listed},
        "zdrive": {each.read_bytes() for each in trash.rglob("*") if each.is_file()},
    }


def unlabelled(stage: Stage) -> Iterator[str]:
    """The objects that do not name their Filevine document, its project and its folder."""
    client, door = stage.client, stage.filevine.colleague
    folders = door.folders(stage.project)
    for leaf in door.tree(stage.project):
        if leaf.path.startswith(_FILEVINE_TRASH):
            continue
        where = {"Bucket": BUCKET, "Key": stage.prefix + leaf.path}
        folder = leaf.path.rpartition("/")[0]
        said = {name.lower(): unquote(text) for name, text in client.head_object(**where)["Metadata"].items()}
        said |= {tag["Key"]: tag["Value"] for tag in client.get_object_tagging(**where)["TagSet"]}
        expected = {
            "documentid": str(leaf.id),
            "projectid": str(stage.project),
            "folderid": str(folders[folder] if folder else door.root(stage.project)),
            "folderpath": folder,
            "fv_docid": str(leaf.id),
            "projectId": str(stage.project),
        }
        wrong = {name: said.get(name, "") for name, text in expected.items() if said.get(name, "") != text}
        if wrong or not said.get("origin"):
            yield f"{leaf.path}: says {wrong}, expected {expected}"


def differences(expected: Tree, found: Mapping[str, Tree]) -> Iterator[str]:
    """Where a place does not hold what it should."""
    for side, tree in found.items():
        for path in sorted(expected.keys() | tree.keys()):
            if path not in tree:
                yield f"{side}: {path} is not there"
            elif path not in expected:
                yield f"{side}: {path} should not be there"
            elif tree[path] != expected[path]:
                yield f"{side}: {path} holds other bytes"


def _filevine(stage: Stage) -> Tree:
    door = stage.filevine.colleague
    found: dict[str, bytes] = {f"{path}/": b"" for path in door.folders(stage.project)}
    found |= {leaf.path: leaf.bytes or b"" for leaf in door.tree(stage.project)}
    return {path: data for path, data in found.items() if not path.startswith(_FILEVINE_TRASH)}


def _s3(stage: Stage) -> Tree:
    listed = stage.client.list_objects_v2(Bucket=BUCKET, Prefix=stage.prefix).get("Contents", ())
    keys = [each["Key"] for each in listed]
    paths = {key: key.removeprefix(stage.prefix).removesuffix(".placeholder") for key in keys}
    return {path: _object(stage, key) for key, path in paths.items() if not path.startswith(_OURS)}


def _object(stage: Stage, key: str, version: str | None = None) -> bytes:
    which = {"VersionId": version} if version else {}
    data: bytes = stage.client.get_object(Bucket=BUCKET, Key=key, **which)["Body"].read()
    return data


def _drive(stage: Stage, spellings: Mapping[str, str]) -> Tree:
    found: dict[str, bytes] = {}
    for above, folders, files in os.walk(stage.drive):
        at = Path(above)
        folders[:] = [name for name in folders if name != _OURS]
        found |= dict.fromkeys((f"{_path(stage, at / name)}/" for name in folders), b"")
        found |= {_path(stage, at / name): (at / name).read_bytes() for name in files}
    return {spellings.get(path, path): data for path, data in found.items()}


def _path(stage: Stage, file: Path) -> str:
    return file.relative_to(stage.drive).as_posix()
