"""From a brief to a published post, as a person in a browser and as a tool over HTTP, on the running product."""

import datetime
import json
import time
import urllib.error
import urllib.request
import zoneinfo

import pytest
from playwright.sync_api import expect

from cms import embedded_postgres
from content_studio.tests.ai.conftest import loopback  # noqa: F401  a server that stands in for a provider
from content_studio.tests.ai.wire import draft, openai_reply

from .product import PASSWORD, PATIENCE, Product

pytestmark = pytest.mark.skipif(
    not embedded_postgres.is_used(), reason="journeys start the product on the embedded PostgreSQL"
)


def call(product, path, *, token="", body=None):
    """Answers (status, JSON) of a request to the API."""
    request = urllib.request.Request(
        f"{product.url}/api/v1/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as err:
        return err.code, json.loads(err.read())


def token_of(product, email):
    status, tokens = call(product, "auth/token/", body={"email": email, "password": PASSWORD})
    assert status == 200
    return tokens["access"]


def wait_until(condition, seconds=PATIENCE):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "It did not happen in time."
        time.sleep(0.3)


def in_seconds(seconds):
    moment = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin")) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def test_a_tool_takes_a_brief_to_a_published_post_though_the_worker_is_killed(loopback):  # noqa: F811
    loopback.answers(openai_reply(draft("Meet Night Shift, our new espresso. It is on sale from Monday.")))
    with Product(OPENAI_API_KEY="sk-journey", OPENAI_BASE_URL=f"{loopback.url}/v1") as product:
        member, admin = token_of(product, "member@demo.test"), token_of(product, "admin@demo.test")
        _status, me = call(product, "me/", token=member)
        brief = {
            "platform": "twitter",
            "tone": "professional",
            "prompt": "New product launch announcement",
            "organization_id": me["organizations"][0]["id"],
            "ai_provider": "openai",
        }
        status, made = call(product, "content/generate/", token=member, body=brief)
        assert status == 201, made
        assert made["segments"] == ["Meet Night Shift, our new espresso. It is on sale from Monday."]
        assert made["platform"] == "twitter"
        assert made["count"]["value"] <= made["count"]["limit"] == 280
        assert made["tokens"]["charged"] == 1

        post = f"posts/{made['post']['id']}/"
        assert call(product, f"{post}submit/", token=member, body={})[1]["state"] == "in_review"
        assert call(product, f"{post}schedule/", token=member, body={"local_time": in_seconds(9)})[0] == 403
        assert call(product, f"{post}approve/", token=admin, body={})[1]["state"] == "approved"
        status, scheduled = call(product, f"{post}schedule/", token=admin, body={"local_time": in_seconds(4)})
        assert (status, scheduled["state"]) == (200, "scheduled")

        product.kill_worker()
        time.sleep(5)  # its time passes while nobody works
        assert call(product, post, token=member)[1]["state"] == "scheduled"
        product.start_worker()
        wait_until(lambda: call(product, post, token=member)[1]["state"] == "published")


@pytest.mark.browser
def test_a_person_takes_a_brief_to_a_post_on_the_timeline(sign_in):
    mira = sign_in("member")
    mira.get_by_role("link", name="Write a post").first.click()
    mira.get_by_label("What is it about?").fill("Our new espresso blend Night Shift is on sale from Monday.")
    mira.get_by_role("button", name="Write drafts").click()
    mira.wait_for_url("**/edit/")
    text = mira.locator("textarea[name$='-text']").first
    assert "Night Shift" in text.input_value()
    text.fill("Night Shift, our new espresso, is on sale from Monday. Cocoa, orange, and no regrets.")
    mira.get_by_role("button", name="Submit for review").click()
    expect(mira.get_by_text("In review").first).to_be_visible()

    amir = sign_in("admin")
    amir.get_by_role("link", name="Night Shift").first.click()
    amir.get_by_role("button", name="Approve").click()
    amir.get_by_role("link", name="Schedule…").click()
    amir.get_by_label("Time", exact=False).first.fill(in_seconds(65).replace("T", " ")[:16])
    amir.get_by_role("button", name="Schedule").click()
    expect(amir.get_by_text("Scheduled").first).to_be_visible()
    overview = amir.url

    def is_published():
        amir.goto(overview)
        return amir.get_by_text("Published").first.is_visible()

    wait_until(is_published, seconds=PATIENCE + 65)
    amir.get_by_role("button", name="Publishing").click()
    amir.get_by_role("link", name="Channels").click()
    amir.get_by_role("link", name="Juniper Coffee").first.click()
    amir.get_by_role("link", name="Timeline").first.click()
    expect(amir.get_by_text("Cocoa, orange, and no regrets.")).to_be_visible()
