"""Campaigns, labels, brand voices and the calendar through the API."""

import datetime

import pytest

from content_studio.ai.models import BrandVoice
from content_studio.drafting import create_draft, segment
from content_studio.labels import Campaign, Label
from content_studio.models import SocialPost

pytestmark = pytest.mark.django_db

API = "/api/v1/"
KINDS = [("campaigns", Campaign), ("labels", Label), ("brand-voices", BrandVoice)]


@pytest.mark.parametrize(("name", "model"), KINDS, ids=[name for name, _model in KINDS])
def test_they_are_made_changed_listed_and_deleted(api_of, acme, adam, name, model):
    client = api_of(adam)
    made = client.post(f"{API}{name}/", {"name": "Spring"})
    assert made.status_code == 201, made.content
    path = f"{API}{name}/{made.json()['id']}/"

    assert client.patch(path, {"name": "Summer"}).json()["name"] == "Summer"
    assert client.get(path).json()["name"] == "Summer"
    client.post(f"{API}{name}/", {"name": "Autumn"})
    assert [each["name"] for each in client.get(f"{API}{name}/").json()["results"]] == ["Autumn", "Summer"]
    again = client.post(f"{API}{name}/", {"name": "summer "})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "name")
    assert client.post(f"{API}{name}/", {"name": "Winter", "size": 7}).status_code == 400
    assert client.delete(path).status_code == 204
    assert [row.name for row in model.objects.all()] == ["Autumn"]
    log = client.get(f"{API}audit-log/").json()["results"]
    assert {"wagtail.create", "wagtail.edit", "wagtail.delete"} <= {each["action"] for each in log}


@pytest.mark.parametrize(("name", "model"), KINDS, ids=[name for name, _model in KINDS])
def test_only_those_who_may_change_them_and_outsiders_find_none(api_of, acme, globex, bob, vera, charlie, name, model):
    row = model.objects.create(organization=acme, name="Ours")
    path = f"{API}{name}/{row.uuid}/"
    assert api_of(vera).get(path).status_code == 200
    assert api_of(vera).post(f"{API}{name}/", {"name": "Mine"}).status_code == 403
    may_write = name != "brand-voices"  # how the organization sounds is a setting
    assert (api_of(bob).patch(path, {"name": "Still ours"}).status_code == 200) is may_write
    for method in ("get", "patch", "delete"):
        assert getattr(api_of(charlie), method)(path, {}).status_code == 404
    assert api_of(charlie).get(f"{API}{name}/").json()["results"] == []


def test_a_campaign_does_not_end_before_it_begins(api_of, acme, bob):
    answer = api_of(bob).post(
        f"{API}campaigns/", {"name": "Odd", "starts_on": "2027-02-01", "ends_on": "2027-01-01", "colour": "green"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "ends_on")


def test_one_voice_is_the_default_one(api_of, acme, adam):
    client = api_of(adam)
    client.post(f"{API}brand-voices/", {"name": "Warm", "is_default": True})
    client.post(f"{API}brand-voices/", {"name": "Dry", "is_default": True})
    assert [voice.name for voice in BrandVoice.objects.filter(is_default=True)] == ["Dry"]
    refused = client.post(f"{API}brand-voices/", {"name": "Odd", "habits": "Friendster: none"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "habits")


def plan(acme, user, name, local, zone):
    post = create_draft(organization=acme, user=user, segments=[segment(name)])
    SocialPost.objects.filter(pk=post.pk).update(
        planned_local=local.replace(tzinfo=datetime.UTC), planned_timezone=zone
    )
    return post


def test_the_calendar_shows_the_days_that_were_asked_for_on_one_clock(api_of, acme, globex, bob, charlie):
    plan(acme, bob, "Tokyo morning", datetime.datetime(2027, 6, 2, 6), "Asia/Tokyo")  # 23:00 the day before in Berlin
    plan(acme, bob, "Berlin noon", datetime.datetime(2027, 6, 1, 12), "Europe/Berlin")
    plan(acme, bob, "Too late", datetime.datetime(2027, 6, 2, 9), "Europe/Berlin")
    query = {"start": "2027-06-01", "end": "2027-06-01", "timezone": "Europe/Berlin"}

    answer = api_of(bob).get(f"{API}calendar/", query)

    assert answer.status_code == 200, answer.content
    shown = [(each["title"], each["local_time"]) for each in answer.json()["results"]]
    assert shown == [("Berlin noon", "2027-06-01T12:00:00"), ("Tokyo morning", "2027-06-01T23:00:00")]
    assert api_of(charlie).get(f"{API}calendar/", query).json()["results"] == []


def test_the_calendar_is_filtered_by_what_is_the_organizations_own(api_of, acme, globex, bob):
    post = plan(acme, bob, "Spring", datetime.datetime(2027, 6, 1, 12), "UTC")
    plan(acme, bob, "Other", datetime.datetime(2027, 6, 1, 13), "UTC")
    campaign = Campaign.objects.create(organization=acme, name="Spring")
    theirs = Campaign.objects.create(organization=globex, name="Theirs")
    SocialPost.objects.filter(pk=post.pk).update(campaign=campaign)
    query = {"start": "2027-06-01", "end": "2027-06-02"}

    def shown(**more):
        answer = api_of(bob).get(f"{API}calendar/", {**query, **more})
        return [each["title"] for each in answer.json()["results"]]

    assert shown() == ["Spring", "Other"]
    assert shown(campaign=str(campaign.uuid)) == ["Spring"]
    assert shown(campaign=str(theirs.uuid)) == []
    assert shown(state="published") == []
    assert shown(author=str(bob.pk)) == ["Spring", "Other"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start": "2027-06-01"}, "end"),
        ({"start": "soon", "end": "2027-06-01"}, "start"),
        ({"start": "2027-06-02", "end": "2027-06-01"}, "end"),
        ({"start": "2027-06-01", "end": "2027-06-02", "timezone": "Mars"}, "timezone"),
        ({"start": "2027-06-01", "end": "2027-06-02", "chanel": "x"}, "chanel"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(api_of, bob, query, field):
    answer = api_of(bob).get(f"{API}calendar/", query)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_a_year_at_once_is_too_much(api_of, bob):
    answer = api_of(bob).get(f"{API}calendar/", {"start": "2027-01-01", "end": "2027-12-31"})
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (400, "range-too-long")
