"""Passes hints through a queue of AWS, so that whoever takes them works at one profile at a time.

The queue is a FIFO one, and a profile's messages are a group: while one of them is being worked on, nobody gets the
others. A message that is not let go of comes back when its time is over, and after a few times goes to the dead letters.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from synctool.errors import Denied, Unavailable

MOST = 10  # messages in one request
LONGEST_POLL = 5  # seconds; so long it takes to stop who waits
TIMES = "ApproximateReceiveCount"


class Note(NamedTuple):
    """What a message says: look at a profile again, at these handles of these sides; no hints: at everything.

    key: names what caused it, so that the queue drops it when it comes twice in five minutes; "": it never does.
    """

    profile: str
    hints: tuple[tuple[str, str], ...] = ()
    key: str = ""


class Message(NamedTuple):
    """A note that we work on, and what it takes to let go of it.

    note: None for what nobody can read; times: how often it was given out by now.
    """

    note: Note | None
    receipt: str
    id: str
    times: int = 1


class Queue:
    """One queue, by its address. Raises Unavailable and Denied; safe to use from several threads.

    client stands in for one that the environment's settings sign in.
    """

    def __init__(self, url: str, *, client: Any = None) -> None:
        self.url = url
        self._client = client or _client(url)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def send(self, notes: Sequence[Note]) -> None:
        """Put notes at the end of the queue, as many as there are; returns when all of them are stored."""
        for start in range(0, len(notes), MOST):
            entries = [_sent(number, note) for number, note in enumerate(notes[start : start + MOST])]
            with self._border():
                answer = self._client.send_message_batch(QueueUrl=self.url, Entries=entries)
            if failed := answer.get("Failed"):
                raise Unavailable(
                    f"the queue did not take a message: {failed[0].get('Message', failed[0]['Code'])}"
                )

    def receive(self, seconds: float = LONGEST_POLL) -> list[Message]:
        """Up to ten messages of one or several groups, waiting for the first so long at most; each is ours for a while."""
        with self._border():
            answer = self._client.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=MOST,
                WaitTimeSeconds=int(seconds),
                AttributeNames=["All"],
            )
        return [
            Message(
                read(each["Body"]), each["ReceiptHandle"], each["MessageId"], int(each["Attributes"][TIMES])
            )
            for each in answer.get("Messages", ())
        ]

    def done(self, messages: Iterable[Message]) -> None:
        """Let go of messages for good. What came back to the queue meanwhile stays there, and is worked on once more."""
        entries = [{"Id": str(n), "ReceiptHandle": each.receipt} for n, each in enumerate(messages)]
        for start in range(0, len(entries), MOST):
            with self._border():
                self._client.delete_message_batch(QueueUrl=self.url, Entries=entries[start : start + MOST])

    def keep(self, messages: Iterable[Message], seconds: int) -> bool:
        """Keep messages to ourselves for so long from now; False when one of them is not ours any more."""
        entries = [
            {"Id": str(n), "ReceiptHandle": each.receipt, "VisibilityTimeout": seconds}
            for n, each in enumerate(messages)
        ]
        with self._border():
            answer = self._client.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)
        return not answer.get("Failed")

    @contextmanager
    def _border(self) -> Iterator[None]:
        import botocore.exceptions  # noqa: PLC0415 - costs its import only where a queue is used

        try:
            yield
        except botocore.exceptions.ClientError as error:
            code = error.response["Error"].get("Code", "")
            if "Denied" in code or "Token" in code or "Signature" in code:
                raise Denied(f"the queue refuses us: {code}", hint="may this account use it?") from None
            raise Unavailable(f"the queue answered {code or 'with an error'}") from None
        except botocore.exceptions.BotoCoreError as error:
            raise Unavailable(f"the queue cannot be reached: {type(error).__name__}") from None


def gathered(messages: Iterable[Message]) -> list[tuple[Note, list[Message]]]:
    """Messages as so few notes as can be: one a profile, that says what all of them say. What nobody can read is left out."""
    groups: dict[str, list[Message]] = {}
    for message in messages:
        if message.note:
            groups.setdefault(message.note.profile, []).append(message)
    return [(_together(profile, group), group) for profile, group in groups.items()]


def _together(profile: str, group: list[Message]) -> Note:
    said = [message.note.hints for message in group if message.note]
    return Note(profile, tuple(dict.fromkeys(chain(*said))) if all(said) else ())


def read(body: str) -> Note | None:
    """The note in a message; None for what is none."""
    try:
        said = json.loads(body)
        hints = tuple((str(side), str(handle)) for side, handle in said.get("hints", ()))
        return Note(said["profile"], hints, said.get("key", "")) if isinstance(said["profile"], str) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _sent(number: int, note: Note) -> dict[str, Any]:
    body = json.dumps({"v": 1, **note._asdict()}, sort_keys=True)
    # Without a key every note is another one: what was said before may have been worked on already.
    unique = sha256(f"{note.profile} {note.key}".encode()).hexdigest() if note.key else token_hex(32)
    return {
        "Id": str(number),
        "MessageBody": body,
        "MessageGroupId": note.profile,
        "MessageDeduplicationId": unique,
    }


def _client(url: str) -> Any:
    import boto3  # noqa: PLC0415 - see above
    import botocore.config  # noqa: PLC0415

    at = urlsplit(url)
    aws = (at.hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn"))
    region = (at.hostname or "").split(".")[1] if aws else "us-east-1"
    patience = botocore.config.Config(
        connect_timeout=10, read_timeout=LONGEST_POLL + 10, retries={"mode": "standard"}
    )
    endpoint = None if aws else f"{at.scheme}://{at.netloc}"
    return boto3.client("sqs", region_name=region, endpoint_url=endpoint, config=patience)
