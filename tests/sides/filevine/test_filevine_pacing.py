from synctool.sides.filevine.pacing import Pacer


def test_a_burst_leaves_at_once_and_the_rest_one_by_one(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    for _ in range(7):
        pacer.wait("documents", 4)
    assert time.slept == [0.25, 0.25, 0.25]


def test_every_endpoint_has_its_own_turn(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    for endpoint in range(50):
        pacer.wait(endpoint, 1)
    assert time.slept == []


def test_a_quiet_while_earns_no_more_than_one_burst(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    pacer.wait("a", 1)
    time.now += 3600
    for _ in range(5):
        pacer.wait("a", 1)
    assert time.slept == [1]


def test_a_key_that_was_refused_waits_as_long_as_the_server_asked(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    pacer.hold("a", 4, 30)
    pacer.wait("b", 4)
    pacer.wait("a", 4)
    assert time.slept == [30]


def test_no_minute_sees_more_than_the_rate_and_a_burst(time):
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    start, left = time.now, []
    for _ in range(600):
        pacer.wait("a", 4)
        left.append(time.now - start)
    assert max(sum(1 for moment in left if begin <= moment < begin + 60) for begin in left) <= 4 * 60 + 4
