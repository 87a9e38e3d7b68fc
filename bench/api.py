"""How long the API takes to list and to read posts where one organization has 10,000 of them.

Makes a database of its own, starts gunicorn with one worker as production does,
and asks over HTTP, on one connection, with a Member's access token. Each address
is asked for a number of times; the statements it takes are counted apart, with a
tenth of the posts and with all. Goal: under 30 ms at the median, and no more
statements with more posts.
"""

import argparse
import http.client
import json
import logging
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import urlencode

from . import database

GOAL = 30.0  # ms at the median
DATABASE = "content_studio_bench_api"
PORT = 8319


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--only", help="the address with this name")
    options = parser.parse_args()
    database.set_up()
    logging.disable(logging.WARNING)
    with database.own_database(DATABASE):
        return measure(options)


def measure(options) -> int:
    from django.conf import settings
    from django.test import Client

    from . import posts

    settings.ALLOWED_HOSTS = ["*"]
    begin = time.perf_counter()
    team = posts.make_team("Slate")
    posts.add_posts(team, options.posts // 10)
    client = Client()
    headers = {"Authorization": f"Bearer {_token(client, team.people['member'].email)}"}
    few = {name: _statements(client, address, headers) for name, address in addresses(team, client, headers).items()}
    posts.add_posts(team, options.posts - options.posts // 10)
    posts.analyze()
    asked = addresses(team, client, headers)
    many = {name: _statements(client, address, headers) for name, address in asked.items()}
    print(f"{options.posts} posts, made in {time.perf_counter() - begin:.0f} s; one gunicorn worker")

    print(f"{'':24} {'median':>8} {'p95':>8}   statements (with a tenth of the posts)")
    missed = 0
    with _server():
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        for name, address in asked.items():
            if options.only and name != options.only:
                continue
            times = _times(connection, address, headers, options.rounds)
            median, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
            met = median < GOAL and many[name] <= few[name]
            missed += not met
            print(f"{name:24} {median:8.1f} {p95:8.1f} ms {many[name]:5} ({few[name]}) {'' if met else '  MISSED'}")
    print(f"goal: under {GOAL:.0f} ms at the median: {'MISSED' if missed else 'met'} (load: {os.getloadavg()[0]:.1f})")
    return 1 if missed else 0


def addresses(team, client, headers) -> dict[str, str]:
    """What is asked for, by name."""
    from content_studio.labels import Label
    from content_studio.models import SocialPost

    mine = SocialPost.objects.for_organization(team.organization).order_by("pk")
    label, channel = Label.objects.get(organization=team.organization), team.channels[0]
    listed = "/api/v1/posts/"

    def asked(**query) -> str:
        return f"{listed}?{urlencode(query)}"

    return {
        "first page": listed,
        "late page": _late_page(mine, client, headers),
        "state": asked(state="scheduled"),
        "channel and label": asked(channel=channel.pk, label=label.uuid),
        "network": asked(network="x"),
        "by plan": asked(ordering="planned"),
        "by change": asked(ordering="-updated"),
        "q, many": asked(q="slate"),
        "q, one": asked(q=f"Saturday {mine[mine.count() // 2].draft_title.split()[-1]}"),
        "q, none": asked(q="zyzzyva"),
        "post": f"{listed}{mine[0].uuid}/",
    }


def _late_page(mine, client, headers) -> str:
    """The page that follows after nine tenths of the posts: the cursor of a first page, moved there."""
    from base64 import b64decode, b64encode
    from urllib.parse import parse_qs, urlsplit

    following = client.get("/api/v1/posts/", headers=headers).json()["next"]
    said = parse_qs(b64decode(parse_qs(urlsplit(following).query)["cursor"][0]).decode())
    position = mine[mine.count() // 10].pk
    cursor = b64encode(urlencode({**{name: values[0] for name, values in said.items()}, "p": position}).encode())
    return f"/api/v1/posts/?{urlencode({'cursor': cursor.decode()})}"


def _token(client, email: str) -> str:
    from .posts import PASSWORD

    answer = client.post("/api/v1/auth/token/", {"email": email, "password": PASSWORD}, "application/json")
    return answer.json()["access"]


def _statements(client, address: str, headers: dict) -> int:
    """How many statements an address takes once everything is warm."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _allow_more()
    for _ in range(2):
        client.get(address, headers=headers)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, headers=headers)
    if response.status_code != 200:
        raise SystemExit(f"{address} answered {response.status_code}: {response.content[:300]!r}")
    return len(captured)


def _times(connection, address: str, headers: dict, rounds: int) -> list[float]:
    """Milliseconds of each call; the first ones warm everything up and do not count."""
    times = []
    for number in range(-5, rounds):
        _allow_more()
        begin = time.perf_counter()
        connection.request("GET", address, headers=headers)
        response = connection.getresponse()
        content = response.read()
        if number >= 0:
            times.append((time.perf_counter() - begin) * 1000)
        if response.status != 200:
            raise SystemExit(f"{address} answered {response.status}: {content[:300]!r}")
        json.loads(content)
    return times


def _allow_more() -> None:
    """So many calls a minute are the plan's limit; a bench makes more."""
    from billing.models import RateBucket

    RateBucket.objects.all().delete()


@contextmanager
def _server():
    environment = os.environ | {
        "EMBEDDED_POSTGRES_DATABASE": DATABASE,
        "LOG_LEVEL": "WARNING",
        "WEB_CONCURRENCY": "1",
        "PORT": str(PORT),
    }
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "--config", "cms/gunicorn.py", "cms.wsgi"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait()
        yield
    finally:
        process.terminate()
        process.wait(60)


def _wait() -> None:
    for _ in range(240):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/health/live/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.25)
    raise SystemExit("The web server does not answer.")


if __name__ == "__main__":
    sys.exit(main())
