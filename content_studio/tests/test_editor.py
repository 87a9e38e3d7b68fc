"""The editor and the pages of a post, as people use them in the studio."""

import datetime
import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone as clock
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from content_studio import planning
from content_studio.factories import make_approved, make_post
from content_studio.localfields import ZoneField
from content_studio.models import SocialPost, Workspace
from organizations.models import Membership
from publishing.models import Channel, Delivery

pytestmark = pytest.mark.django_db
State = SocialPost.State
SOON = (clock.now() + datetime.timedelta(days=3)).replace(minute=0, second=0, microsecond=0, tzinfo=None)


@pytest.fixture
def channel(acme):
    return Channel.objects.create(organization=acme, network="mastodon", name="Acme", sandbox=True)


@pytest.fixture
def post(acme, bob, channel):
    return make_post(acme, user=bob, channels=[channel])


def edit_url(post):
    return reverse("wagtailadmin_pages:edit", args=[post.pk])


def form_data(text="A new text.", *, channels=(), **more):
    return nested_form_data(
        {
            "title": "",
            "language": "en",
            "body": streamfield([("segment", {"text": text, "media": streamfield([]), "link": inline_formset([])})]),
            "planned_local": "",
            "planned_timezone": "Europe/Berlin",
            "comments": inline_formset([]),
            **more,
        }
    ) | {
        "body-0-value-link-count": "0",
        "body-0-value-poll-count": "0",
        "channels": [str(channel.pk) for channel in channels],
    }


def fresh(post):
    return SocialPost.objects.get(pk=post.pk)


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_a_member_writes_a_post_named_by_its_first_words(client, acme, bob, channel):
    client.force_login(bob)
    workspace = Workspace.objects.get(organization=acme)
    address = reverse("wagtailadmin_pages:add", args=["content_studio", "socialpost", workspace.pk])
    response = client.post(address, form_data("Kettles are back in stock today.", channels=[channel]), follow=True)
    post = SocialPost.objects.get()
    assert response.status_code == 200
    assert post.title == "Kettles are back in stock today."
    assert post.owner == bob and post.organization == acme and not post.live
    assert list(post.channels.all()) == [channel]


def test_a_member_writes_and_submits_in_one_go(client, acme, bob, channel):
    client.force_login(bob)
    workspace = Workspace.objects.get(organization=acme)
    address = reverse("wagtailadmin_pages:add", args=["content_studio", "socialpost", workspace.pk])
    client.post(address, form_data(channels=[channel], step="submit"))
    assert SocialPost.objects.get().state == State.IN_REVIEW


def test_the_editor_speaks_of_posts_and_offers_neither_publishing_nor_privacy(client, bob, post):
    client.force_login(bob)
    page = client.get(edit_url(post)).content.decode()
    assert "Submit for review" in page and "Save draft" in page
    for foreign in (
        "action-publish",
        "action-submit",
        "View live",
        "slug",
        "Set page privacy",
        "Promote",
        "moderation",
    ):
        assert foreign not in page, foreign


def test_a_viewer_cannot_open_the_editor_but_sees_the_post(client, vera, post):
    client.force_login(vera)
    assert client.get(edit_url(post)).status_code != 200
    assert client.get(reverse("posts:detail", args=[post.pk])).status_code == 200


def test_the_editor_offers_only_the_organizations_own_channels(client, bob, post, globex):
    foreign = Channel.objects.create(organization=globex, network="x", name="Globex")
    client.force_login(bob)
    assert "Globex" not in client.get(edit_url(post)).content.decode()
    response = client.post(edit_url(post), form_data(channels=[foreign]))
    assert response.status_code == 200, "refused, with the form shown again"
    assert foreign not in fresh(post).channels.all()


def test_submitting_saves_what_is_on_the_screen_first(client, bob, post, channel):
    client.force_login(bob)
    client.post(edit_url(post), form_data("Typed and submitted.", channels=[channel], step="submit"))
    assert fresh(post).state == State.IN_REVIEW
    assert fresh(post).get_latest_revision_as_object().texts == ["Typed and submitted."]


def test_while_in_review_the_author_cannot_edit_but_can_take_it_back(client, bob, post, channel):
    planning.submit_post(post, user=bob)
    client.force_login(bob)
    client.post(edit_url(post), form_data("Sneaked in.", channels=[channel]))
    assert fresh(post).get_latest_revision_as_object().texts == ["Our new kettle boils in a minute."]
    client.post(reverse("posts:withdraw", args=[post.pk]))
    assert fresh(post).state == State.DRAFT


def test_an_admin_approves_what_was_edited_on_the_same_screen(client, bob, adam, post, channel):
    planning.submit_post(post, user=bob)
    client.force_login(adam)
    seen = fresh(post).latest_revision
    data = form_data("Adam's own words.", channels=[channel], step="approve")
    data |= {"loaded_revision_id": seen.pk, "loaded_revision_created_at": seen.created_at.isoformat()}
    client.post(edit_url(post), data)
    assert fresh(post).state == State.APPROVED
    assert fresh(post).approved_revision.as_object().texts == ["Adam's own words."]


def test_approving_a_screen_that_is_out_of_date_is_refused(client, bob, adam, post, channel):
    planning.submit_post(post, user=bob)
    client.force_login(adam)
    old = fresh(post).latest_revision
    fresh(post).get_latest_revision_as_object().save_revision(user=adam)
    data = form_data(channels=[channel], step="approve")
    data |= {"loaded_revision_id": old.pk, "loaded_revision_created_at": old.created_at.isoformat()}
    client.post(edit_url(post), data)
    assert fresh(post).state == State.IN_REVIEW


@pytest.mark.parametrize("name", ["action-publish", "action-submit", "action-restart-workflow"])
def test_wagtails_own_actions_do_nothing_but_save(client, bob, django_user_model, acme, post, channel, name):
    operator = django_user_model.objects.create_superuser(email="root@example.test", password="x")
    Membership.objects.create(organization=acme, user=operator, role="owner")
    client.force_login(operator)
    client.post(edit_url(post), form_data(channels=[channel], **{name: "x"}))
    assert fresh(post).state == State.DRAFT and not fresh(post).live
    assert not Delivery.objects.exists()


def test_bulk_publishing_leaves_posts_alone(client, acme, bob, adam, django_user_model, post):
    for person in (adam, django_user_model.objects.create_superuser(email="root@example.test", password="x")):
        client.force_login(person)
        address = reverse("wagtail_bulk_action", args=["organizations", "basepage", "publish"])
        client.post(f"{address}?id={post.pk}", {"include_descendants": "on"})
        assert not fresh(post).live
    assert not Delivery.objects.exists()


def test_saving_an_approved_post_says_that_approval_is_needed_again(client, acme, bob, adam, channel):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel])
    client.force_login(bob)
    response = client.post(edit_url(post), form_data("Changed.", channels=[channel]), follow=True)
    assert any("needs approval" in message for message in said(response)), said(response)
    assert fresh(post).state == State.DRAFT


def test_saving_a_scheduled_post_says_that_the_approved_one_stays(client, acme, bob, adam, channel):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel])
    planning.schedule_post(post, local_time=SOON, timezone="Europe/Berlin", user=adam)
    client.force_login(bob)
    response = client.post(edit_url(post), form_data("Changed.", channels=[channel]), follow=True)
    assert any("stays as it was approved" in message for message in said(response)), said(response)
    assert (fresh(post).state, fresh(post).draft_state) == (State.SCHEDULED, State.DRAFT)


def test_scheduling_shows_the_local_time_and_says_what_was_done(client, acme, bob, adam, channel):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel])
    client.force_login(adam)
    address = reverse("posts:schedule", args=[post.pk])
    assert "ready" in client.get(address).content.decode()
    data = {"local_time": f"{SOON:%Y-%m-%d %H:%M}", "timezone": "America/New_York"}
    response = client.post(address, data, follow=True)
    assert any("America/New_York" in message for message in said(response))
    assert Delivery.objects.get().timezone == "America/New_York"


def test_scheduling_in_the_past_explains_and_keeps_what_was_typed(client, acme, bob, adam, channel):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel])
    client.force_login(adam)
    data = {"local_time": "2020-01-01 09:00", "timezone": "Europe/Berlin"}
    page = client.post(reverse("posts:schedule", args=[post.pk]), data).content.decode()
    assert "2020-01-01 09:00" in page and "already passed" in page
    assert not Delivery.objects.exists()


def test_scheduling_what_is_not_approved_says_why(client, adam, post):
    client.force_login(adam)
    response = client.get(reverse("posts:schedule", args=[post.pk]), follow=True)
    assert response.status_code == 200
    assert any("approved first" in message for message in said(response))


def test_publish_now_asks_first_and_then_sends(client, acme, bob, adam, channel):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel])
    client.force_login(adam)
    address = reverse("posts:publish", args=[post.pk])
    client.get(address)
    assert not Delivery.objects.exists()
    client.post(address)
    assert Delivery.objects.count() == 1


def test_changes_are_requested_with_a_comment_that_the_author_sees(client, bob, adam, post):
    planning.submit_post(post, user=bob)
    client.force_login(adam)
    address = reverse("posts:request_changes", args=[post.pk])
    assert client.post(address, {"comment": ""}).status_code == 200
    client.post(address, {"comment": "Name the price."})
    client.force_login(bob)
    assert "Name the price." in client.get(reverse("posts:detail", args=[post.pk])).content.decode()


@pytest.mark.parametrize(
    "name",
    ["detail", "schedule", "publish", "unschedule", "request_changes", "moment", "submit", "approve", "withdraw"],
)
def test_an_outsider_finds_no_page_of_the_post(client, charlie, globex, post, name):
    client.force_login(charlie)
    address = reverse(f"posts:{name}", args=[post.pk])
    answers = {client.get(address).status_code, client.post(address).status_code}
    assert answers <= {404, 405}


def test_the_list_shows_only_ones_own_posts_and_finds_by_words(client, acme, bob, post, charlie, globex):
    make_post(globex, user=charlie, text="A secret of Globex.")
    make_post(acme, user=bob, text="Teapots with lids.")
    client.force_login(bob)
    page = client.get(reverse("posts:index")).content.decode()
    assert "kettle" in page and "Teapots" in page and "Globex" not in page
    found = client.get(reverse("posts:index_results"), {"q": "teapots"}).content.decode()
    assert "Teapots" in found and "kettle" not in found


def test_the_list_filters_by_state_channel_and_author(client, acme, bob, adam, alice, channel, post):
    planning.submit_post(post, user=bob)
    make_post(acme, user=alice, text="Unsent by Alice.")
    client.force_login(adam)
    for query in (
        {"state": "in_review"},
        {"channels": str(channel.pk)},
        {"owner": str(bob.pk)},
        {"network": "mastodon"},
    ):
        page = client.get(reverse("posts:index_results"), query).content.decode()
        assert "kettle" in page and "Unsent by Alice" not in page, query


def test_lists_ask_the_same_number_of_questions_for_many_posts(client, acme, bob, adam, channel):
    client.force_login(adam)

    def queries(address):
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    month = {"start": f"{SOON - datetime.timedelta(days=20):%Y-%m-%dT%H:%M}"}
    month["end"] = f"{SOON + datetime.timedelta(days=20):%Y-%m-%dT%H:%M}"
    calendar = f"{reverse('calendar_entries')}?{urlencode(month)}"
    addresses = [reverse("posts:index"), reverse("wagtailadmin_home"), calendar]
    planned = make_post(acme, user=bob, channels=[channel])
    planning.plan_post(planned, local_time=SOON, timezone="Europe/Berlin", user=bob)
    submitted = make_post(acme, user=bob, channels=[channel])
    planning.submit_post(submitted, user=bob)
    few = [queries(address) for address in addresses]
    for number in range(8):
        post = make_post(acme, user=bob, text=f"Post {number}", channels=[channel])
        if number % 2:
            planning.submit_post(post, user=bob)
        planning.plan_post(post, local_time=SOON, timezone="Europe/Berlin", user=bob)
    many = [queries(address) for address in addresses]
    assert many == few


def test_the_home_shows_what_waits_for_whom(client, bob, adam, vera, post):
    planning.submit_post(post, user=bob)
    client.force_login(adam)
    assert "To review" in client.get(reverse("wagtailadmin_home")).content.decode()
    client.force_login(vera)
    assert "To review" not in client.get(reverse("wagtailadmin_home")).content.decode()
    planning.request_changes(post, user=adam, comment="Shorter.")
    client.force_login(bob)
    assert "Changes requested" in client.get(reverse("wagtailadmin_home")).content.decode()


def test_no_page_of_the_studio_says_wagtail(client, acme, bob, post):
    client.force_login(bob)
    for address in (reverse("wagtailadmin_home"), reverse("posts:index"), edit_url(post), reverse("calendar")):
        page = client.get(address).content.decode()
        title = re.search(r"<title>(.*?)</title>", page, re.S).group(1)
        assert "Wagtail" not in title and "Content Studio" in title


def test_the_workspace_and_its_posts_have_no_public_address(client, acme, bob, post):
    assert fresh(post).url is None
    assert Workspace.objects.get(organization=acme).url is None
    assert client.get(f"/workspace-{acme.slug}/{post.slug}/").status_code == 404


def test_looking_at_a_preview_plans_nothing(client, bob, post, channel):
    client.force_login(bob)
    data = form_data(channels=[channel], planned_local="2031-05-01 09:00", planned_timezone="Europe/Berlin")

    assert client.post(reverse("wagtailadmin_pages:preview_on_edit", args=[post.pk]), data).json()["is_valid"]
    assert fresh(post).planned_local is None

    client.post(edit_url(post), data)
    assert fresh(post).planned_local.year == 2031


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "US/Eastern"])
def test_the_zone_that_is_set_is_the_one_chosen_however_rare(zone):
    shown = ZoneField().widget.render("planned_timezone", zone, {"id": "zone", "aria-invalid": "true"})

    assert re.findall(r'value="([^"]+)" selected', shown) == [zone]
    assert shown.startswith('<select aria-invalid="true" id="zone" name="planned_timezone">')


def test_opening_and_saving_ask_once_for_what_they_know(client, bob, post, channel, django_assert_max_num_queries):
    client.force_login(bob)
    client.get(edit_url(post))
    with django_assert_max_num_queries(46):
        assert client.get(edit_url(post)).status_code == 200
    with django_assert_max_num_queries(75):
        assert client.post(edit_url(post), form_data("Newer words.", channels=[channel])).status_code == 302
    assert fresh(post).get_latest_revision_as_object().texts == ["Newer words."]
