"""Names the ways in which one Filevine differs from another."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Duplicates = Literal["allow", "auto-rename", "reject"]
FolderClash = Literal["reject", "allow", "existing"]
Deliveries = Literal["prompt", "lost", "doubled", "reordered", "delayed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """What the vendor leaves open or a test wants to see; the defaults are the documented or likeliest behaviour."""

    base_path: str = "/fv-app/v2"
    token_seconds: int = 1200  # of a token grant; key mode: at most 900
    requests_per_minute: int | None = 320  # per endpoint; None: no limit
    batch_downloads_per_minute: int = 30  # the vendor only says "low"
    burst: int | None = None  # requests at once; None: a minute's worth
    retry_after: bool = True  # whether 429 says how long to wait
    pascal_case: bool = False  # answers spelled as in the API description
    duplicates: Duplicates = "allow"  # a commit onto a name that is there
    folder_clash: FolderClash = "reject"  # a new folder whose name is there
    page_size: int = 1000  # the most a list answers at once
    omit_folders: Collection[int] = ()  # left out of /Folders/list, as happens live
    hide_protected: bool = False  # the account is in no team of a protected folder
    takes_locks: bool = False  # the account is Org Admin: other people's locks yield
    locators_without_url: bool = False
    require_user_agent: bool = True
    require_user_id: bool = True
    deliveries: Deliveries = "prompt"  # what becomes of events on their way to subscribers
    late_seconds: float = 1.0  # of delayed events, and of those that are overtaken
    proof: Literal["token", "key"] = "token"  # what shows that a delivery is genuine
