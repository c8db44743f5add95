"""Lives through simulated worlds, one a seed, on every core; tells which law broke, and how to see it again.

python dev.py simulate [--seeds N] [--from SEED]     N worlds (1000), from this seed on (0)
python dev.py simulate --seed SEED [--without N,N…]  one world with its trace, some of its scenes left out
"""

import argparse
import logging
import os
import sys
import traceback
from collections import Counter
from multiprocessing import Pool

from tests.simulation.world import lived


def main(arguments):
    asked = parsed(arguments)
    logging.disable()
    if asked.seed is not None:
        return show(asked.seed, tuple(map(int, filter(None, asked.without.split(",")))))
    return live(range(asked.begin, asked.begin + asked.seeds))


def parsed(arguments):
    parser = argparse.ArgumentParser("python dev.py simulate", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1000, help="how many worlds")
    parser.add_argument("--from", dest="begin", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="one world, with its trace")
    parser.add_argument("--without", default="", help="its scenes that are left out: 0,2")
    return parser.parse_args(arguments)


def show(seed, without):
    world, error = lived(seed, without)
    print("\n".join(world.trace))
    if error:
        traceback.print_exception(error)
    return int(error is not None)


def live(seeds):
    """Live through these worlds; 1 if a law broke in any."""
    total, broken = Counter(), []
    with Pool(os.cpu_count()) as pool:
        for number, (seed, went, error) in enumerate(pool.imap_unordered(_one, seeds), 1):
            total.update(went)
            if error:
                broken.append(seed)
                _say_broken(seed, error)
            if sys.stderr.isatty():
                print(f"\r{number} of {len(seeds)} worlds, {len(broken)} broken", end="", file=sys.stderr)
    facts = ", ".join(f"{times:,} {what}" for what, times in total.items())
    print(f"\n{len(seeds):,} worlds: {facts}; {len(broken)} broken")
    return int(bool(broken))


def _one(seed):
    world, error = lived(seed)
    return seed, vars(world.tally), error and f"{type(error).__name__}: {error}"


def _say_broken(seed, error):
    print(f"\nseed {seed}: {error}")
    without = fewest(seed)
    left_out = f" --without {','.join(map(str, without))}" if without else ""
    print(f"  python dev.py simulate --seed {seed}{left_out}", flush=True)


def fewest(seed):
    """The scenes without which the world of this seed breaks all the same."""
    world, _ = lived(seed)
    without = ()
    for number in range(world.scenes):
        if lived(seed, (*without, number))[1]:
            without = (*without, number)
    return without


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
