"""Measures what billing costs: a rate limit's count, a reservation, a settlement; and how long a typical question is.

Works on an organization of its own in the development database and removes it
afterwards. `python -m bench.billing [--rounds 500] [--callers 8]`
"""

import argparse
import os
import statistics
import threading
import time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--callers", type=int, default=8)
    options = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.dev")
    from cms import embedded_postgres

    embedded_postgres.ensure_running()
    import django

    django.setup()
    from billing.models import PlanGrant, RateBucket
    from organizations.models import Organization

    organization = Organization.objects.create(name="Bench", slug=f"bench-{time.time_ns()}")
    PlanGrant.objects.create(organization=organization, plan="team", reason="bench")
    try:
        times = measure(organization, options.rounds)
        print(f"{options.rounds} rounds, one caller      median      p95")
        for name, values in times.items():
            print(f"{name:<24} {statistics.median(values):8.2f} {statistics.quantiles(values, n=20)[-1]:8.2f} ms")
        print(f"rate limit, {options.callers} callers    {together(options.callers, options.rounds):8.0f} counts/s")
        print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    finally:
        RateBucket.objects.filter(key__startswith="bench").delete()
        organization.delete()
    questions()


def measure(organization, rounds):
    from billing import quotas, throttles

    times = {"rate limit (database)": [], "rate limit with plan": [], "reserve": [], "settle": []}

    def timed(name, call):
        begin = time.perf_counter()
        result = call()
        times[name].append((time.perf_counter() - begin) * 1000)
        return result

    for _ in range(rounds):
        timed("rate limit (database)", lambda: throttles.take("bench", limit=10**6))
        timed("rate limit with plan", lambda: throttles.take_for(organization))
        reservation = timed("reserve", lambda: quotas.reserve(organization, tokens=1))
        timed(
            "settle",
            lambda reservation=reservation: quotas.settle(
                reservation, provider_tokens=900, provider="demo", model="bench"
            ),
        )
    return times


def together(callers, rounds):
    """Counts a second when all callers share one bucket, the worst case: they wait for one row."""
    from django.db import connections

    from billing import throttles

    def run():
        for _ in range(rounds):
            throttles.take("bench-together", limit=10**6)
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(callers)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return callers * rounds / (time.perf_counter() - begin)


def questions():
    """How long the real question for a typical brief is, by network. Four characters are about one provider token."""
    from billing import quotas
    from content_studio.ai.prompts import Brief, question_for
    from publishing.networks import rules_for

    prompt = (
        "We opened our second bakery this morning, in the old station. Say that the first hundred guests get a "
        "free roll, that we bake with flour from three farms nearby, and that we are open from six to two."
    )
    print("\nnetwork     question   about provider tokens   reserved   tokens of a plan for a full-length text")
    for key in ("x", "bluesky", "mastodon", "instagram", "linkedin"):
        rules = rules_for(key)
        question = question_for(Brief(rules=rules, tone="professional", prompt=prompt))
        characters = len(question.instructions) + sum(len(turn.text) for turn in question.turns)
        answer = min(rules.text_limit, 1500)
        spent = (characters + answer) // 4
        print(
            f"{key:<10} {characters:7d} ch. {spent:18d} {quotas.tokens_for(question.most_tokens() + 1000):13d} "
            f"{quotas.tokens_for(spent):18d}"
        )


if __name__ == "__main__":
    main()
