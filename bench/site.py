"""How many visitors the public site serves, beside a Next.js page with the same content.

One gunicorn worker and one `next start` serve the same HTML on this machine, in
turns, to the same load generator (autocannon, 32 connections, Brotli or gzip
accepted). Needs node and npm; what it installs goes into a temporary directory,
or into --cache to be used again. The median of the rounds counts. Exits with 1
where the site serves fewer requests, or is slower at the 99th percentile.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE_PORT, NEXT_PORT = 8316, 8317
CONNECTIONS = 32
NEXT_VERSION = "15"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=8, help="of load in each round")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--cache", type=Path, help="keep what npm installs and Next.js builds here")
    options = arguments.parse_args()
    if not shutil.which("npm"):
        print("Without node and npm there is nothing to compare with.")
        return 0
    from cms import embedded_postgres, starting

    starting.prepare_database()
    try:
        return compare(options)
    finally:
        embedded_postgres.stop_if_unused()


def compare(options) -> int:
    """Both in turns, on this machine; the exit code says whether ours is as fast."""
    with tempfile.TemporaryDirectory() as temporary, site() as html:
        place = options.cache or Path(temporary)
        prepare_next(place, html)
        with next_start(place):
            results = {"gunicorn": [], "next start": []}
            for _ in range(options.rounds):
                results["gunicorn"].append(load(place, SITE_PORT, options.seconds))
                results["next start"].append(load(place, NEXT_PORT, options.seconds))
    return report(results)


@contextmanager
def site():
    """The product behind one gunicorn worker; yields the home page's HTML."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.dev",
        "DEBUG": "False",
        "PAGE_CACHE": "True",
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "cms.wsgi:application", "--workers", "1"]
    command += ["--worker-class", "gthread", "--threads", "4", "--keep-alive", "30", "--log-level", "error"]
    command += ["--worker-connections", "1000", "--bind", f"127.0.0.1:{SITE_PORT}"]
    with running(command, cwd=ROOT, environment=environment):
        wait_for(SITE_PORT)
        time.sleep(1)  # until it listens for changes, and so keeps pages
        for _ in range(3):
            with urllib.request.urlopen(f"http://127.0.0.1:{SITE_PORT}/", timeout=30) as answer:
                html = answer.read().decode()
        yield html


def prepare_next(place: Path, html: str) -> None:
    """A Next.js application of one static page with the same content, built for production."""
    body = re.search(r"<body[^>]*>(.*)</body>", html, re.DOTALL)[1]
    page = f"export const dynamic = 'force-static';\nconst html = {json.dumps(body)};\n"
    page += "export default function Page() { return <div dangerouslySetInnerHTML={{ __html: html }} />; }\n"
    layout = "export default function Layout({ children }) {"
    layout += " return <html lang='en'><body>{children}</body></html>; }\n"
    if (place / ".next/BUILD_ID").exists() and (place / "app/page.jsx").read_text() == page:
        return
    (place / "app").mkdir(parents=True, exist_ok=True)
    (place / "app/page.jsx").write_text(page)
    (place / "app/layout.jsx").write_text(layout)
    (place / "package.json").write_text('{"name": "beside", "private": true}')
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True, "cwd": place}
    environment = os.environ | {"NEXT_TELEMETRY_DISABLED": "1"}
    if not (place / "node_modules/.bin/next").exists():
        packages = [f"next@{NEXT_VERSION}", "react@19", "react-dom@19", "autocannon@8"]
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", *packages], **quiet)
    subprocess.run(["node_modules/.bin/next", "build"], env=environment, **quiet)


@contextmanager
def next_start(place: Path):
    environment = os.environ | {"NEXT_TELEMETRY_DISABLED": "1", "NODE_ENV": "production"}
    command = ["node", "node_modules/next/dist/bin/next", "start", "--port", str(NEXT_PORT), "--hostname", "127.0.0.1"]
    with running(command, cwd=place, environment=environment):
        wait_for(NEXT_PORT)
        yield


@contextmanager
def running(command, *, cwd, environment):
    process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(15)


def wait_for(port: int) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
            return
        except OSError:
            time.sleep(0.25)
    raise SystemExit(f"Nothing answers on port {port}.")


def load(place: Path, port: int, seconds: int) -> dict:
    def shoot(duration: int) -> str:
        command = ["node_modules/.bin/autocannon", "--json", "--connections", str(CONNECTIONS)]
        command += ["--duration", str(duration), "--headers", "Accept-Encoding=gzip, br", f"http://127.0.0.1:{port}/"]
        return subprocess.run(command, cwd=place, capture_output=True, check=True, text=True).stdout

    shoot(2)  # to warm up
    found = json.loads(shoot(seconds))
    if found["errors"] or found["non2xx"]:
        raise SystemExit(f"Port {port}: {found['errors']} errors, {found['non2xx']} answers that were not 200.")
    return {"rate": found["requests"]["average"], "p50": found["latency"]["p50"], "p99": found["latency"]["p99"]}


def report(results: dict[str, list[dict]]) -> int:
    median = {
        name: {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
        for name, rounds in results.items()
    }
    print(f"{'':12} {'requests/s':>11} {'p50 ms':>8} {'p99 ms':>8}")
    for name, found in median.items():
        print(f"{name:12} {found['rate']:11.0f} {found['p50']:8.1f} {found['p99']:8.1f}")
    ours, theirs = median["gunicorn"], median["next start"]
    print(f"ratio        {ours['rate'] / theirs['rate']:11.2f} {'':8} {ours['p99'] / max(theirs['p99'], 0.5):8.2f}")
    return 0 if ours["rate"] >= theirs["rate"] and ours["p99"] <= theirs["p99"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
