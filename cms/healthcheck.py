"""Ends with 0 when the web server of this machine can serve. Container engines run it: `python -m cms.healthcheck`.

It runs every few seconds, so it loads nothing of the product.
"""

import os
import sys
import urllib.error
import urllib.request

READY = "/health/ready/"


def main() -> int:
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}{READY}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
