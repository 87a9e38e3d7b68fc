"""Whether the public site's HTML and style sheet are valid, by the W3C's own checker (vnu).

Every page of the sitemap, the pages that are no page (search, errors) and the
style sheet. Needs Java and npm, from which the checker is installed into a
temporary directory, or into --cache to be used again. Exits with 1 on a finding.
"""

import argparse
import json
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from bench.public_site import public_site

PORT = 8319
CHECKER = "vnu-jar"
NOT_IN_SITEMAP = ("/search/", "/search/?q=approval", "/search/?q=nonsense-x", "/nowhere/", "/newsletter/asked/")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--cache", type=Path, help="keep what npm installs here")
    options = arguments.parse_args()
    if not shutil.which("npm") or not shutil.which("java"):
        print("The checker needs npm and Java.")
        return 1
    with tempfile.TemporaryDirectory() as temporary:
        place = options.cache or Path(temporary)
        pages = Path(temporary) / "pages"
        pages.mkdir()
        jar = install(place)
        with public_site(PORT) as address:
            paths = save(address, pages)
        found = check(jar, pages)
    for message in found:
        path = paths[Path(message["url"]).name]
        print(f"{path}:{message.get('lastLine', '')}: {message['message']}\n    {message.get('extract', '')!r}")
    print(f"{len(paths)} pages, {len(found)} findings.")
    return 1 if found else 0


def install(place: Path) -> Path:
    jar = place / "node_modules" / CHECKER / "build/dist/vnu.jar"
    if not jar.exists():
        place.mkdir(parents=True, exist_ok=True)
        (place / "package.json").write_text('{"private": true}')
        command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", CHECKER]
        subprocess.run(command, cwd=place, check=True, stdout=subprocess.DEVNULL)
    return jar


def save(address: str, place: Path) -> dict[str, str]:
    """Writes every page into `place`, and returns which file is which path."""
    sitemap = read(f"{address}/sitemap.xml").decode()
    addresses = [*re.findall("<loc>(.*?)</loc>", sitemap), *(address + path for path in NOT_IN_SITEMAP)]
    paths = {}
    for number, each in enumerate(addresses):
        html = read(each)
        (place / f"{number}.html").write_bytes(html)
        paths[f"{number}.html"] = each.removeprefix(address)
    sheet = re.search(r'href="(/styles/[^"]+\.css)"', read(f"{address}/").decode())[1]
    (place / "site.css").write_bytes(read(address + sheet))
    paths["site.css"] = sheet
    return paths


def read(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.read()
    except urllib.error.HTTPError as page:  # which is a page, too
        return page.read()


def check(jar: Path, pages: Path) -> list[dict]:
    command = ["java", "-jar", str(jar), "--format", "json", "--also-check-css", "--exit-zero-always", str(pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stderr)["messages"]


if __name__ == "__main__":
    raise SystemExit(main())
