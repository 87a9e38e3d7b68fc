"""Who looks at the product while something is broken: a person with a browser, and a tool with a token."""

import time
import urllib.error
import urllib.request
from collections import Counter


class Studio:
    """A person with a browser and a tool with a token, both Owner of the demo organization."""

    def __init__(self, url: str):
        import requests

        from cms.tests.product import PASSWORD

        self.url, self.browser, self.tool = url, requests.Session(), requests.Session()
        who = {"email": "owner@demo.test", "password": PASSWORD}
        page = self.browser.get(f"{url}/accounts/login/")
        form = {"login": who["email"], "password": who["password"], "csrfmiddlewaretoken": self._token(page.text)}
        self.browser.post(f"{url}/accounts/login/", data=form, headers={"Referer": url})
        self.who = who
        self.sign_in()

    def sign_in(self) -> None:
        access = self.tool.post(f"{self.url}/api/v1/auth/token/", json=self.who, timeout=30).json()["access"]
        self.tool.headers["Authorization"] = f"Bearer {access}"

    @staticmethod
    def _token(page: str) -> str:
        return page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]

    def open(self) -> str:
        return self._said(lambda: self.browser.get(f"{self.url}/admin/", timeout=30, allow_redirects=False))

    def save(self, text: str, answers: Counter) -> str | None:
        """Saves a draft; its id where the answer says that it is kept."""
        try:
            answer = self.tool.post(f"{self.url}/api/v1/posts/", json={"segments": [{"text": text}]}, timeout=30)
        except OSError as err:
            answers[type(err).__name__] += 1
            return None
        said = answer.json()
        answers[str(answer.status_code) if answer.ok else f"{answer.status_code} “{said['title']}”"] += 1
        return said["id"] if answer.ok else None

    def generate(self) -> str:
        brief = {"platform": "mastodon", "tone": "casual", "prompt": "Open day", "ai_provider": "openai"}
        return self._said(lambda: self.tool.post(f"{self.url}/api/v1/content/generate/", json=brief, timeout=60))

    def upload(self) -> str:
        from wagtail.images.tests.utils import get_test_image_file

        page = self.browser.get(f"{self.url}/admin/images/add/", timeout=30).text
        collection = page.partition('name="collection"')[2].partition('value="')[2].partition('"')[0]
        form = {"title": "Kettle", "csrfmiddlewaretoken": self._token(page), "collection": collection}
        big = get_test_image_file(size=(40, 30)).file.getvalue()
        big += b"\0" * (3 * 2**20)  # so large that it goes through a temporary file
        files = {"file": ("kettle.png", big, "image/png")}
        return self._said(
            lambda: self.browser.post(
                f"{self.url}/admin/images/add/", data=form, files=files, headers={"Referer": self.url}, timeout=30
            )
        )

    def _said(self, ask) -> str:
        began = time.monotonic()
        try:
            answer = ask()
        except OSError as err:
            return type(err).__name__
        seconds = time.monotonic() - began
        title = answer.json().get("title", "") if "json" in answer.headers.get("Content-Type", "") else (
            answer.text.partition("<title>")[2].partition("</title>")[0].partition(" · ")[0] if not answer.ok else ""
        )  # fmt: skip
        title = answer.headers.get("Location") or title
        return f"{answer.status_code} in {seconds:.1f} s{f' “{title}”' if title else ''}"

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                return True
        except (OSError, urllib.error.URLError):
            return False
