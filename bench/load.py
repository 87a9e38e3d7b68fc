"""Editors at work, all at once, on the running product: web server, worker, PostgreSQL and the load on one machine.

Makes a database of its own (twenty organizations with fifty posts each, ten
people in every one), starts gunicorn and a worker as production does, and lets
locust play the people for some minutes: `bench/load_people.py` says what they
do, and how often. The writing goes to the `demo` provider. Prints each page's
times, the whole, and what the processes' memory was at the beginning and at the
end. Exits with 1 where any answer was an error, or the 95th percentile of all
is 500 ms or more.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "content_studio_load"
PORT = 8318
GOAL = 500  # ms at the 95th percentile
LOCUST = "locust==2.47.0"
ORGANIZATIONS, PEOPLE, POSTS = 20, 10, 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--editors", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--web", type=int, default=2, help="gunicorn's processes")
    options = parser.parse_args()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "cms.settings.dev",
        "EMBEDDED_POSTGRES_DATABASE": DATABASE,
        "DEBUG": "False",
        "LOG_LEVEL": "WARNING",
        "BASE_URL": f"http://127.0.0.1:{PORT}",
        "WEB_CONCURRENCY": str(options.web),
        "PORT": str(PORT),
    }
    from cms import embedded_postgres

    embedded_postgres.ensure_running()
    try:
        with tempfile.TemporaryDirectory() as folder:
            people = Path(folder) / "people.json"
            print(f"Making {ORGANIZATIONS} organizations with {PEOPLE} people and {POSTS} posts each …", flush=True)
            make_world(people)
            python = [sys.executable, "-W", "ignore"]
            web = [*python, "-m", "gunicorn", "--config", "cms/gunicorn.py", "cms.wsgi"]
            with running(web) as web, running([*python, "manage.py", "qcluster"]) as worker:
                wait()
                before = {name: memory(process) for name, process in (("web", web), ("worker", worker))}
                play(options, people, Path(folder))
                after = {name: memory(process) for name, process in (("web", web), ("worker", worker))}
            return report(Path(folder), before, after)
    finally:
        embedded_postgres.drop_database(DATABASE)


def make_world(people: Path) -> None:
    """The database, and for each person what a browser would know: cookies, own posts, own organization."""
    from cms import baseline, embedded_postgres

    embedded_postgres.drop_database(DATABASE)
    embedded_postgres.create_database(DATABASE, template=baseline.test_template())
    import django

    django.setup()
    from bench.load_world import build

    people.write_text(json.dumps(build(organizations=ORGANIZATIONS, people=PEOPLE, posts=POSTS)))


@contextmanager
def running(command):
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=sys.stderr)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def wait() -> None:
    """Until the whole installation says that it is ready, its worker included: people come to one that runs."""
    for _ in range(240):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.25)
    raise SystemExit("The installation does not get ready.")


def memory(process) -> int:
    """MiB that a process and its children hold for themselves (proportional set size)."""
    import psutil

    tree = [psutil.Process(process.pid)]
    tree += tree[0].children(recursive=True)
    return sum(each.memory_full_info().pss for each in tree) // 2**20


def play(options, people: Path, folder: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "run", "--no-project", "--quiet", "--with", LOCUST, "locust", "-f", "bench/load_people.py"]
    command += ["--headless", "--users", str(options.editors), "--spawn-rate", str(max(1, options.editors // 20))]
    command += ["--run-time", f"{int(options.minutes * 60)}s", "--host", f"http://127.0.0.1:{PORT}"]
    command += ["--csv", str(folder / "found"), "--only-summary", "--loglevel", "ERROR"]
    environment = os.environ | {"PEOPLE": str(people)}
    subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False)


def report(folder: Path, before: dict, after: dict) -> int:
    with (folder / "found_stats.csv").open() as file:
        rows = list(csv.DictReader(file))
    print(f"{'':34} {'requests':>8} {'errors':>6} {'p50 ms':>7} {'p95 ms':>7} {'p99 ms':>7}")
    for row in rows:
        name = "all" if row["Name"] == "Aggregated" else f"{row['Type']} {row['Name']}"
        figures = (row["Request Count"], row["Failure Count"], row["50%"], row["95%"], row["99%"])
        print("{:34} {:>8} {:>6} {:>7} {:>7} {:>7}".format(name, *figures))
    whole = rows[-1]
    print(f"requests a second: {float(whole['Requests/s']):.1f}")
    for name in before:
        print(f"memory of {name}: {before[name]} MiB at the beginning, {after[name]} MiB at the end")
    with (folder / "found_failures.csv").open() as file:
        for row in csv.DictReader(file):
            print("FAILED:", row["Method"], row["Name"], row["Error"][:200], row["Occurrences"])
    return 0 if int(whole["Failure Count"]) == 0 and float(whole["95%"]) < GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
