"""Measures the overhead of writing a post over the bare call of the provider. Goal: under 20 ms at the median.

Each round makes the same call three times, in turn, so that whatever else the
machine does falls on all alike:

- bare:     the question straight to the provider's SDK, nothing around it;
- generate: `generate_post`: role, quota, record, provider, fitting, draft with its first revision, bill;
- API:      POST /api/v1/content/generate/ through every middleware, with an access token.

The overhead is each round's time minus its bare call. The database is a real
one, made for the purpose and dropped afterwards; the provider runs on loopback.
"""

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import time

GOAL = 20.0  # ms at the median


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds

    provider = subprocess.Popen(
        [sys.executable, "-m", "bench.provider"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        port = provider.stdout.readline().strip()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "cms.settings.test",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
            "OPENAI_MODEL": "loopback",
        }
        import django

        from cms import embedded_postgres

        embedded_postgres.ensure_running()
        django.setup()
        return measure(rounds)
    finally:
        provider.terminate()


def measure(rounds: int) -> int:
    from django.conf import settings
    from django.db import connection

    from cms import baseline, embedded_postgres

    logging.disable(logging.WARNING)
    settings.OPENAI_API_KEY = "loopback"
    settings.ALLOWED_HOSTS = ["*"]
    ordinary = connection.settings_dict["NAME"]
    test = connection.settings_dict["TEST"]
    test["NAME"] = "content_studio_bench"
    if embedded_postgres.is_used():
        test["TEMPLATE"] = test["TEMPLATE"] or baseline.test_template()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        return report(time_calls(rounds))
    finally:
        connection.creation.destroy_test_db(ordinary, verbosity=0)


def time_calls(rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each call, by kind; the first rounds warm everything up and do not count."""
    from django.test import Client
    from django.utils import timezone

    from billing.models import PlanGrant, RateBucket
    from content_studio.ai.prompts import Brief, question_for
    from content_studio.ai.registry import provider_for
    from content_studio.generating import generate_post
    from organizations.creating import create_organization
    from organizations.models import User
    from publishing.networks import rules_for

    person = User.objects.create_user("bench@example.test", password="correct-horse-9", is_active=True)
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    organization = create_organization(name="Bench", owner=person)
    PlanGrant.objects.create(organization=organization, plan="team", reason="bench", starts_at=timezone.now())
    prompt = "New product launch announcement"
    provider = provider_for("openai")
    question = question_for(Brief(rules=rules_for("x"), tone="professional", prompt=prompt), person="bench")
    client = Client()
    token = client.post(
        "/api/v1/auth/token/",
        {"email": person.email, "password": "correct-horse-9"},
        content_type="application/json",
    ).json()["access"]
    body = {"platform": "twitter", "tone": "professional", "prompt": prompt, "organization_id": str(organization.pk)}

    def bare():
        provider.ask(question)

    def generate():
        generate_post(
            organization=organization, user=person, network="x", tone="professional", prompt=prompt, provider="openai"
        )

    def api():
        response = client.post(
            "/api/v1/content/generate/",
            json.dumps({**body, "ai_provider": "openai"}),
            content_type="application/json",
            headers={"authorization": f"Bearer {token}"},
        )
        if response.status_code != 201:
            raise SystemExit(f"The API answered {response.status_code}: {response.content.decode()}")

    # Sixty calls a minute are the plan's limit; a bench makes more.
    def allow_more():
        RateBucket.objects.all().delete()

    times: dict[str, list[float]] = {"bare": [], "generate": [], "API": []}
    for number in range(-20, rounds):
        allow_more()
        for kind, call in (("bare", bare), ("generate", generate), ("API", api)):
            begin = time.perf_counter()
            call()
            if number >= 0:
                times[kind].append((time.perf_counter() - begin) * 1000)
    return times


def report(times: dict[str, list[float]]) -> int:
    bare = times["bare"]
    print(f"{len(bare)} rounds                 median      p95")
    for kind, values in times.items():
        print(f"{kind:<22} {statistics.median(values):8.1f} {_p95(values):8.1f} ms")
    for kind in ("generate", "API"):
        over = [value - base for value, base in zip(times[kind], bare, strict=True)]
        print(f"overhead of {kind:<10} {statistics.median(over):8.1f} {_p95(over):8.1f} ms")
    over = statistics.median(value - base for value, base in zip(times["generate"], bare, strict=True))
    verdict = "met" if over < GOAL else "MISSED"
    print(f"goal: under {GOAL:.0f} ms at the median: {verdict} (load of the machine: {os.getloadavg()[0]:.1f})")
    return 0 if over < GOAL else 1


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
