"""What the people of `bench/load` do: a locust file. Each looks, thinks ten to thirty seconds, and goes on.

Opening an editor counts as what a browser does with it: the page, its checks
while somebody types for ten to thirty seconds, and a draft saved.
"""

import itertools
import json
import os
import random
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import gevent
from locust import FastHttpUser, between, task

PEOPLE = json.loads(Path(os.environ["PEOPLE"]).read_text())
_next = itertools.count()
CSRF = "a" * 32


class Editor(FastHttpUser):
    wait_time = between(10, 30)
    network_timeout = connection_timeout = 60

    def on_start(self):
        self.me = PEOPLE[next(_next) % len(PEOPLE)]
        self.client.cookiejar.clear()
        self.cookie = f"sessionid={self.me['session']}; csrftoken={CSRF}"

    def ask(self, method, path, name=None, **more):
        headers = {"Cookie": self.cookie, "X-CSRFToken": CSRF, **more.pop("headers", {})}
        with self.client.request(
            method, path, name=name or path, headers=headers, catch_response=True, allow_redirects=False, **more
        ) as answer:
            away = answer.status_code in (301, 302) and "login" in (answer.headers.get("Location") or "")
            if answer.status_code >= 400 or answer.status_code == 0 or away:
                answer.failure(f"{answer.status_code}: {(answer.text or '')[:150]}")
        return answer

    @task(10)
    def home(self):
        self.ask("GET", "/admin/")

    @task(15)
    def posts(self):
        self.ask("GET", "/admin/posts/")

    @task(10)
    def calendar(self):
        first = datetime.now(UTC).date().replace(day=1)
        self.ask("GET", "/admin/calendar/")
        span = f"start={first}T00:00&end={first + timedelta(days=42)}T00:00"
        self.ask("GET", f"/admin/calendar/entries/?{span}", "/admin/calendar/entries/")

    @task(5)
    def deliveries(self):
        self.ask("GET", "/admin/deliveries/")

    @task(10)
    def look_at_a_post(self):
        self.ask("GET", f"/admin/posts/{random.choice(self.me['posts'])}/", "/admin/posts/<id>/")

    @task(20)
    def edit(self):
        post = random.choice(self.me["posts"])
        self.ask("GET", f"/admin/pages/{post}/edit/", "/admin/pages/<id>/edit/")
        text = f"A better text, {random.random()}, about kettles and why they matter."
        for end in (len(text) // 2, len(text)):
            gevent.sleep(random.uniform(5, 15))
            self.ask("POST", f"/admin/checks/{post}/", "/admin/checks/<id>/", data=self.form(text[:end]))
        self.ask("POST", f"/admin/pages/{post}/edit/", "/admin/pages/<id>/edit/", data=self.form(text))

    @task(3)
    def write_with_ai(self):
        self.ask("GET", "/admin/compose/")
        brief = {"prompt": "Our new kettle", "networks": "x", "tone": "professional", "language": "en"}
        self.ask("POST", "/admin/compose/stream/", data={**brief, "provider": "demo"})

    @task(2)
    def media(self):
        self.ask("GET", "/admin/images/")

    def form(self, text):
        return {
            "title": "", "language": "en", "body-count": "1", "body-0-deleted": "", "body-0-order": "0",
            "body-0-type": "segment", "body-0-id": str(uuid.uuid4()), "body-0-value-text": text,
            "body-0-value-media-count": "0", "body-0-value-link-count": "0", "body-0-value-poll-count": "0",
            "planned_local": "", "planned_timezone": "Europe/Berlin", "channels": self.me["channels"],
            **{f"comments-{key}": "0" for key in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")},
        }  # fmt: skip
