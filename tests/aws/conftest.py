"""A stand-in for AWS, started once, and queues on it."""

import itertools

import pytest

from synctool.store.queue import Queue
from tests.aws.ministack import Lacking, MiniStack

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def aws(tmp_path_factory, lacking):
    try:
        with MiniStack(tmp_path_factory.mktemp("aws")) as server:
            yield server
    except Lacking as reason:
        lacking(str(reason))


@pytest.fixture(scope="session")
def sqs(aws):
    client = aws.client("sqs")
    yield client
    client.close()


@pytest.fixture
def make_queue(aws, sqs):
    """Call it with how many seconds a message is whose who took it, and how often it is given out; the queue, and its dead letters'."""

    def make(seconds=30, times=5):
        number = next(NUMBERS)
        fifo = {
            "FifoQueue": "true",
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
        }
        dead = sqs.create_queue(QueueName=f"dead-{number}.fifo", Attributes=fifo)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": {times}}}'
        attributes = fifo | {"VisibilityTimeout": str(seconds), "RedrivePolicy": redrive}
        url = sqs.create_queue(QueueName=f"hints-{number}.fifo", Attributes=attributes)["QueueUrl"]
        return Queue(url, client=sqs), Queue(dead, client=sqs)

    return make
