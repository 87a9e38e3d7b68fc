"""Where this machine's Chromium is: the browser tests and the pictures of the public site use it."""

import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (  # macOS puts no browser on the path
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HOW_TO_GET_IT = "Debian: apt-get install chromium; macOS: brew install --cask google-chrome"


def find() -> str | None:
    """The path of an installed Chromium or Chrome; None where there is none."""
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    return on_path or next((path for path in APPLICATIONS if Path(path).exists()), None)


if __name__ == "__main__":
    sys.exit(find() is None)
