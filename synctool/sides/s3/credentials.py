"""Finds the keys that sign, by the ordinary chain of the AWS tools."""

from collections.abc import Callable
from functools import partial

from synctool.core.model import SideName
from synctool.errors import Denied
from synctool.sides.s3.sigv4 import Keys

HINT = "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this computer a role"


def ordinary(
    side: SideName, region: str, role_arn: str | None, own: tuple[str, str] | None = None
) -> Callable[[], Keys]:
    """A source of keys from environment, profiles, instance roles or, with role_arn, STS; renewed when they age.

    own: access and secret key, used instead of what the chain finds. Raises Denied, here and whenever keys are asked
    for, when there are none to be had.
    """
    # botocore takes a fifth of a second to import, which commands that touch no bucket should not pay.
    from botocore.credentials import (  # noqa: PLC0415
        AssumeRoleCredentialFetcher,
        DeferredRefreshableCredentials,
    )
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from botocore.session import Session  # noqa: PLC0415

    def denied(error: Exception) -> Denied:
        return Denied(f"no AWS credentials ({type(error).__name__})", side=side, hint=HINT)

    try:
        session = Session()
        if own:
            session.set_credentials(*own)
        found = session.get_credentials()
    except BotoCoreError as error:
        raise denied(error) from None
    if found is None:
        raise Denied("no AWS credentials were found", side=side, hint=HINT)
    if role_arn:
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=partial(session.create_client, region_name=region),
            source_credentials=found,
            role_arn=role_arn,
            extra_args={"RoleSessionName": "synctool"},
        )
        found = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")

    def keys() -> Keys:
        try:
            frozen = found.get_frozen_credentials()
        except (BotoCoreError, ClientError) as error:
            raise denied(error) from None
        return Keys(frozen.access_key or "", frozen.secret_key or "", frozen.token or "")

    return keys
