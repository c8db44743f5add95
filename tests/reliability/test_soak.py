import pytest

from tests.reliability.soak import Soak
from tests.reliability.tally import tried


@pytest.mark.slow
def test_people_work_while_the_watch_is_told_badly_and_killed(office):
    soak = Soak(office, seed=7)
    soak.run(20)
    soak.judge()
    tried(
        "watch",
        "something done on a side while a watch runs, is told badly, and is killed",
        sum(soak.did.values()),
    )
