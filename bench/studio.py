"""How long the studio's pages take where there is much: 10,000 posts in 50 organizations.

A Member who is logged in asks for each page through every middleware, behind
the wall of their organization. Each page is asked for when there is a tenth of
the posts (at least twenty in each organization) and again when there are all, so that a number of queries that grows
shows. Goal: under 200 ms at the median, with the same number of queries.
"""

import argparse
import logging
import os
import statistics
import sys
import time

from . import database

GOAL = 200.0  # ms at the median
FEWEST = 20  # posts of an organization: with fewer not every state is there, and what is not there is not read


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--organizations", type=int, default=50)
    parser.add_argument("--posts", type=int, default=10_000, help="in all organizations together")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", help="the page with this name")
    options = parser.parse_args()
    database.set_up()
    logging.disable(logging.WARNING)
    with database.own_database():
        return measure(options)


def measure(options) -> int:
    from django.conf import settings
    from django.test import Client

    from . import posts

    settings.ALLOWED_HOSTS = ["*"]
    begin = time.perf_counter()
    teams = [posts.make_team(f"Team {number}") for number in range(options.organizations)]
    each = options.posts // options.organizations
    few_posts = max(each // 10, FEWEST)
    for team in teams:
        posts.add_posts(team, few_posts)
    client = Client()
    client.force_login(teams[0].people["member"])
    few = {name: queries_of(client, address) for name, address in pages(teams[0]).items()}
    for team in teams:
        posts.add_posts(team, each - few_posts)
    posts.analyze()
    print(
        f"{options.posts} posts in {options.organizations} organizations, made in {time.perf_counter() - begin:.0f} s"
    )

    print(f"{'':24} {'median':>8} {'p95':>8}   queries (with few of the posts)")
    missed = 0
    for name, address in pages(teams[0]).items():
        if options.only and name != options.only:
            continue
        many = queries_of(client, address)
        times = [timed(client, address) for _ in range(options.rounds)]
        median, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        met = median < GOAL and many <= few[name]
        missed += not met
        print(f"{name:24} {median:8.1f} {p95:8.1f} ms {many:5} ({few[name]}) {'' if met else '  MISSED'}")
    print(f"goal: under {GOAL:.0f} ms at the median: {'MISSED' if missed else 'met'} (load: {os.getloadavg()[0]:.1f})")
    return 1 if missed else 0


def pages(team) -> dict[str, str]:
    """The addresses that a Member opens all day."""
    import datetime

    from django.urls import reverse

    from content_studio.models import SocialPost, Workspace

    workspace = Workspace.objects.get(organization=team.organization)
    mine = SocialPost.objects.for_organization(team.organization)
    draft, scheduled = mine.filter(state="draft").first(), mine.filter(state="scheduled").first()
    month = datetime.date.today().replace(day=1)  # noqa: DTZ011
    span = f"?start={month}T00:00:00&end={month + datetime.timedelta(days=42)}T00:00:00"
    return {
        "dashboard": reverse("wagtailadmin_home"),
        "list": reverse("posts:index"),
        "list, searched": reverse("posts:index") + "?q=slate",
        "explorer": reverse("wagtailadmin_explore", args=[workspace.pk]),
        "calendar": reverse("calendar"),
        "calendar month": reverse("calendar_entries") + span,
        "editor, draft": reverse("wagtailadmin_pages:edit", args=[draft.pk]),
        "editor, scheduled": reverse("wagtailadmin_pages:edit", args=[scheduled.pk]),
        "post": reverse("posts:detail", args=[scheduled.pk]),
        "history": reverse("wagtailadmin_pages:history", args=[scheduled.pk]),
        "deliveries": reverse("deliveries"),
        "channels": reverse("channels"),
        "team": reverse("team"),
    }


def queries_of(client, address: str) -> int:
    """How many statements a page takes once everything is warm."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(2):
        get(client, address)
    with CaptureQueriesContext(connection) as captured:
        get(client, address)
    return len(captured)


def timed(client, address: str) -> float:
    begin = time.perf_counter()
    get(client, address)
    return (time.perf_counter() - begin) * 1000


def get(client, address: str):
    response = client.get(address)
    if response.status_code != 200:
        raise SystemExit(f"{address} answered {response.status_code}: {response.content[:300]!r}")
    return response


if __name__ == "__main__":
    sys.exit(main())
