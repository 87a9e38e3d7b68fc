"""What Lighthouse says of the public site, as a phone on a slow line sees it.

The site runs as on a server, with its first content. Each page is visited once
so that it is kept, then looked at --runs times; the median of each category
counts. Needs node, npm and Chromium; Lighthouse is installed into a temporary
directory, or into --cache to be used again. Exits with 1 where a page has less
than 100 for accessibility, best practices or SEO, or less than 98 for speed.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from bench.public_site import public_site

PORT = 8318
TRIES = 3
LIGHTHOUSE = "lighthouse@12.2.3"  # the newest that runs on Node 20
PAGES = ("/", "/pricing/", "/docs/api/first-request/", "/blog/unknown-outcome/")
WANTED = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
FLAGS = "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync"
TIMES = {
    "first-contentful-paint": "FCP",
    "largest-contentful-paint": "LCP",
    "total-blocking-time": "TBT",
    "cumulative-layout-shift": "CLS",
}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pages", nargs="*", default=PAGES, metavar="/path/", help=f"default: {' '.join(PAGES)}")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--cache", type=Path, help="keep what npm installs here")
    options = arguments.parse_args()
    chromium = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if not shutil.which("npm") or not chromium:
        print("Lighthouse needs node, npm and Chromium.")
        return 1
    print(f"{'':32} {'speed':>6} {'access':>7} {'practice':>9} {'SEO':>5}   {'  '.join(TIMES.values())}")
    good = True
    with tempfile.TemporaryDirectory() as temporary:
        place = options.cache or Path(temporary)
        install(place)
        with public_site(PORT) as address:
            for path in options.pages:
                for _ in range(2):
                    urllib.request.urlopen(address + path, timeout=30).close()
                reports = [look(place, address + path, chromium=chromium) for _ in range(options.runs)]
                good = say(path, reports) and good
    print(f"Median of {options.runs} runs. Load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")
    return 0 if good else 1


def install(place: Path) -> None:
    if (place / "node_modules/.bin/lighthouse").exists():
        return
    place.mkdir(parents=True, exist_ok=True)
    (place / "package.json").write_text('{"private": true}')
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", LIGHTHOUSE]
    subprocess.run(command, cwd=place, check=True, stdout=subprocess.DEVNULL)


def look(place: Path, address: str, *, chromium: str) -> dict:
    """One report, in Lighthouse's own form. On a busy machine it sometimes misses the page: then it looks again."""
    command = ["node_modules/.bin/lighthouse", address, "--output=json", "--quiet", f"--chrome-flags={FLAGS}"]
    for _ in range(TRIES):
        environment = os.environ | {"CHROME_PATH": chromium}
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
        if done.returncode == 0 and "runtimeError" not in (report := json.loads(done.stdout)):
            return report
    raise SystemExit(f"Lighthouse failed on {address}:\n{done.stderr[-2000:]}")


def say(path: str, reports: list[dict]) -> bool:
    """Prints the medians and what cost points. True where the page has what is wanted."""
    scores = {
        name: statistics.median(round(report["categories"][name]["score"] * 100) for report in reports)
        for name in WANTED
    }
    times = [statistics.median(report["audits"][name]["numericValue"] for report in reports) for name in TIMES]
    said = f"{times[0]:.0f} ms  {times[1]:.0f} ms  {times[2]:.0f} ms  {times[3]:.3f}"
    print(
        f"{path:32} {scores['performance']:6.0f} {scores['accessibility']:7.0f} "
        f"{scores['best-practices']:9.0f} {scores['seo']:5.0f}   {said}"
    )
    for name in WANTED:
        for found in _found(reports[0], name):
            print(f"    {name}: {found}")
    return all(scores[name] >= wanted for name, wanted in WANTED.items())


def _found(report: dict, category: str) -> list[str]:
    """Audits that cost points in this report."""
    counted = [each["id"] for each in report["categories"][category]["auditRefs"] if each["weight"]]
    audits = [report["audits"][name] for name in counted]
    return [f"{each['title']} ({each['score']:.2f})" for each in audits if (each["score"] or 0) < 0.9]


if __name__ == "__main__":
    raise SystemExit(main())
