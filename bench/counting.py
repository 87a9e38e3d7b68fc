"""Measures how many texts a second each network's counter takes, and how long the slowest kind of text takes.

One process, one core, no database. The counter runs at every keystroke's pause
in every open editor and for every draft of a provider, so the goal is: under
1 ms at the median for an ordinary post, and under 300 ms for the longest text that
the API takes (30,000 characters), whatever it is made of.
"""

import argparse
import os
import statistics
import time

ORDINARY_GOAL = 1.0  # ms at the median
WORST_GOAL = 300.0  # ms

ORDINARY = {
    "plain": "We have been walking for three years to get here, and today the new shoe goes on sale. " * 3,
    "links and tags": "Read how: https://example.com/journal/how?utm=x #madeinportugal @ann@mastodon.social " * 3,
    "emoji": "Launch day 🚀👨‍👩‍👧‍👦🇵🇹 is here, and the 👍🏽 go to you. " * 5,
    "East Asian": "新しい靴が今日から発売されます。三年かけて作りました。" * 5,
}
WORST = {
    "dots without end": "a." * 15_000,
    "parentheses": ("https://a.co/" + "(a)" * 1_350 + " ") * 7,
    "families": "👨‍👩‍👧‍👦" * 4_285,
    "links": "https://example.com/a " * 1_363,
    "mentions": "@a@b.example " * 2_307,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    from publishing.networks import NETWORKS

    failed = False
    print(f"{'network':10} {'text':18} {'characters':>10} {'median':>10} {'counts/s':>10}")
    for rules in NETWORKS:
        for name, text in ORDINARY.items():
            took = _median(lambda: rules.measure(text), rounds)  # noqa: B023  called before the next turn
            failed |= took > ORDINARY_GOAL
            print(f"{rules.key:10} {name:18} {len(text):10} {took:7.3f} ms {1000 / took:10,.0f}")
        for name, text in WORST.items():
            took = _median(lambda: rules.measure(text), 3)  # noqa: B023
            failed |= took > WORST_GOAL
            verdict = "  over the goal" if took > WORST_GOAL else ""
            print(f"{rules.key:10} {name:18} {len(text):10} {took:7.1f} ms{verdict}")
    return int(failed)


def _median(count, rounds: int) -> float:
    """Milliseconds of processor time for one call: what else the machine does stays out of it."""
    count()
    times = []
    for _round in range(rounds):
        started = time.process_time()
        count()
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    raise SystemExit(main())
