"""An edit of an approved or scheduled post keeps that version or takes it back, and people are told which."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone as clock
from wagtail.models import ModelLogEntry

from content_studio import planning, sorting
from content_studio.drafting import restore_revision, revise, segment
from content_studio.factories import make_approved, make_post
from content_studio.labels import Label
from content_studio.models import SocialPost
from publishing.models import Channel, Delivery

from .test_editor import edit_url, form_data, fresh, said

pytestmark = pytest.mark.django_db
State = SocialPost.State
SOON = (clock.now() + datetime.timedelta(days=3)).replace(minute=0, second=0, microsecond=0, tzinfo=None)


@pytest.fixture
def channel(acme):
    return Channel.objects.create(organization=acme, network="mastodon", name="Acme", sandbox=True)


@pytest.fixture
def approved(acme, bob, adam, channel):
    return make_approved(acme, user=bob, approver=adam, channels=[channel])


@pytest.fixture
def scheduled(approved, adam):
    planning.schedule_post(approved, local_time=SOON, timezone="Europe/Berlin", user=adam)
    return fresh(approved)


@pytest.fixture
def takes_back(acme):
    acme.edits_of_approved = "take_back"
    acme.save()


def delivery_states(post):
    return set(post.deliveries.values_list("state", flat=True))


def test_an_edit_keeps_what_is_scheduled_where_nothing_else_is_chosen(scheduled, bob):
    edited = revise(scheduled, user=bob, segments=[segment("Changed.")])

    assert "stays as it was approved" in edited.edit_notice
    assert delivery_states(scheduled) == {Delivery.State.SCHEDULED}
    assert (fresh(scheduled).state, fresh(scheduled).draft_state) == (State.SCHEDULED, State.DRAFT)


def test_an_edit_takes_a_scheduled_post_back_where_that_is_chosen(scheduled, bob, takes_back):
    edited = revise(scheduled, user=bob, segments=[segment("Changed.")])

    assert "taken off the schedule" in edited.edit_notice
    assert delivery_states(scheduled) == {Delivery.State.CANCELLED}
    assert (fresh(scheduled).state, fresh(scheduled).draft_state) == (State.DRAFT, State.DRAFT)
    assert fresh(scheduled).planned_local.replace(tzinfo=None) == SOON


def test_the_first_version_cannot_be_scheduled_again_unseen_after_it_was_taken_back(scheduled, adam, bob, takes_back):
    revise(scheduled, user=bob, segments=[segment("Changed.")])

    with pytest.raises(planning.ApprovalNeeded):
        planning.schedule_post(fresh(scheduled), local_time=SOON, timezone="Europe/Berlin", user=adam)

    planning.submit_post(fresh(scheduled), user=bob)
    planning.approve_post(fresh(scheduled), user=adam)
    (delivery,) = planning.schedule_post(fresh(scheduled), local_time=SOON, timezone="Europe/Berlin", user=adam)
    assert delivery.message["segments"][0]["text"] == "Changed."


def test_an_earlier_version_that_is_restored_takes_the_post_back_too(acme, bob, adam, channel, takes_back):
    post = make_post(acme, user=bob, text="First.", channels=[channel])
    first = post.latest_revision
    revise(post, user=bob, segments=[segment("Second.")])
    planning.submit_post(post, user=bob)
    planning.approve_post(post, user=adam)
    planning.schedule_post(post, local_time=SOON, timezone="Europe/Berlin", user=adam)

    restored = restore_revision(fresh(post), first, user=bob)

    assert "taken off the schedule" in restored.edit_notice
    assert delivery_states(post) == {Delivery.State.CANCELLED}


def test_what_does_not_go_out_leaves_the_schedule_alone(acme, scheduled, bob, takes_back):
    label = Label.objects.create(organization=acme, name="Evergreen")

    sorting.sort_post(scheduled, user=bob, labels=[label])
    renamed = revise(scheduled, user=bob, title="Another name for lists")

    assert renamed.edit_notice == ""
    assert delivery_states(scheduled) == {Delivery.State.SCHEDULED}


def test_what_is_being_sent_is_not_taken_back(scheduled, bob, takes_back):
    scheduled.deliveries.update(state=Delivery.State.SENDING)

    edited = revise(scheduled, user=bob, segments=[segment("Changed.")])

    assert delivery_states(scheduled) == {Delivery.State.SENDING}
    assert edited.edit_notice == ""


@pytest.mark.parametrize(
    "kind,choice,before,after",
    [
        ("approved", "keep", "starts a new draft", "approved version is kept"),
        ("approved", "take_back", "takes it back", "taken back"),
        ("scheduled", "keep", "starts a new draft", "stays as it was approved"),
        ("scheduled", "take_back", "takes it off the schedule", "taken off the schedule"),
    ],
)
def test_the_editor_says_which_before_and_after(client, request, acme, bob, channel, kind, choice, before, after):
    post = request.getfixturevalue(kind)
    acme.edits_of_approved = choice
    acme.save()
    client.force_login(bob)

    opened = client.get(edit_url(post))
    assert any(before in message for message in said(opened)), said(opened)
    assert opened.context["autosave_enabled"] is (choice == "keep")

    saved = client.post(edit_url(post), form_data("Changed.", channels=[channel]), follow=True)
    assert any(after in message for message in said(saved)), said(saved)


def test_a_keystroke_in_an_editor_that_was_open_before_takes_nothing_back(client, scheduled, bob, channel, takes_back):
    client.force_login(bob)

    answer = client.post(
        edit_url(scheduled), form_data("Changed.", channels=[channel]), headers={"Accept": "application/json"}
    )

    assert answer.status_code == 400
    assert "off the schedule" in answer.json()["error_message"]
    assert delivery_states(scheduled) == {Delivery.State.SCHEDULED}


def test_the_api_says_which(api_of, scheduled, bob, takes_back):
    path = f"/api/v1/posts/{scheduled.uuid}/"
    assert api_of(bob).get(path).json()["notice"] == ""

    answer = api_of(bob).patch(path, {"segments": [{"text": "Changed."}]}).json()

    assert "taken off the schedule" in answer["notice"]
    assert answer["state"] == "draft"


def test_admins_choose_on_the_review_page_and_the_log_has_it(client, acme, adam, bob):
    address = reverse("review_stages")
    client.force_login(bob)
    assert client.post(address, {"edits_of_approved": "take_back"}).status_code in (302, 403)
    acme.refresh_from_db()
    assert acme.edits_of_approved == "keep"

    client.force_login(adam)
    client.post(address, {"edits_of_approved": "take_back"})

    acme.refresh_from_db()
    assert acme.edits_of_approved == "take_back"
    entry = ModelLogEntry.objects.filter(action="organizations.change_settings").get()
    assert (entry.user, entry.data["fields"]) == (adam, "edits_of_approved")
    assert 'value="take_back"' in client.get(address).content.decode()


def test_tools_choose_through_the_settings_of_the_organization(api_of, acme, adam):
    path = f"/api/v1/organizations/{acme.pk}/"
    assert api_of(adam).patch(path, {"edits_of_approved": "take_back"}).json()["edits_of_approved"] == "take_back"
    assert api_of(adam).patch(path, {"edits_of_approved": "vanish"}).status_code == 400
