import datetime

import pytest
from django.urls import reverse

from content_studio import bulk, planning
from content_studio.drafting import revise, segment
from content_studio.factories import make_approved, make_post
from content_studio.labels import Campaign, Label
from content_studio.models import SocialPost
from publishing.factories import ChannelFactory
from publishing.models import Delivery

pytestmark = pytest.mark.django_db

SATURDAY = datetime.datetime(2099, 3, 28, 9)  # the night before clocks go forward in Berlin


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme)


def ask(client, action, posts, **data):
    return client.post(reverse("posts:bulk"), {"action": action, "id": [post.pk for post in posts], **data})


def test_each_post_says_what_happened_or_why_not_and_none_keeps_another_back(client, acme, bob, adam):
    draft, empty, waiting = (make_post(acme, user=bob, text=text) for text in ("Draft", " ", "Waiting"))
    planning.submit_post(waiting, user=bob)
    client.force_login(bob)
    shown = ask(client, "submit", [empty, waiting, draft]).content.decode()
    assert "Done for 1 post of 3" in shown
    assert "The post is empty" in shown and "already in review" in shown
    assert SocialPost.objects.get(pk=draft.pk).state == SocialPost.State.IN_REVIEW


def test_nobody_approves_a_version_that_was_not_on_the_screen(client, acme, bob, adam, alice):
    seen, changed = make_post(acme, user=bob, text="Seen"), make_post(acme, user=bob, text="Changed")
    for post in (seen, changed):
        planning.submit_post(post, user=bob)
    client.force_login(adam)
    shown = client.get(reverse("posts:bulk"), {"action": "approve", "id": [seen.pk, changed.pk]}).content.decode()
    assert "Seen" in shown and "Changed" in shown
    looked_at = {f"seen-{post.pk}": post.latest_revision_id for post in (seen, changed)}
    revise(changed, user=alice, segments=[segment("Another text")])
    shown = ask(client, "approve", [seen, changed], **looked_at).content.decode()
    assert "Done for 1 post of 2" in shown and "Somebody changed the post" in shown
    assert SocialPost.objects.get(pk=seen.pk).state == SocialPost.State.APPROVED
    assert SocialPost.objects.get(pk=changed.pk).state == SocialPost.State.IN_REVIEW


def test_shifting_keeps_the_time_on_the_wall_across_a_clock_change(acme, bob, adam, channel):
    post = make_approved(acme, user=bob, approver=adam, channels=[channel])
    planning.schedule_post(post, local_time=SATURDAY, timezone="Europe/Berlin", user=adam)
    without = make_post(acme, user=bob, text="No time")
    outcomes = bulk.shift([SocialPost.objects.get(pk=post.pk), without], user=adam, by=datetime.timedelta(days=1))
    assert [each.done for each in outcomes] == [True, False] and "no time yet" in outcomes[1].said
    delivery = Delivery.objects.get()
    assert delivery.due_at == datetime.datetime(2099, 3, 29, 7, tzinfo=datetime.UTC)
    assert delivery.local_time.replace(tzinfo=None) == SATURDAY + datetime.timedelta(days=1)


def test_posts_begin_at_a_time_one_after_the_other(client, acme, bob):
    posts = [make_post(acme, user=bob, text=text) for text in "AB"]
    client.force_login(bob)
    data = {"how": "set", "local_time": "2099-03-29 01:30", "timezone": "Europe/Berlin", "apart": 60}
    ask(client, "reschedule", posts, **data)
    planned = [SocialPost.objects.get(pk=post.pk).planned_local.strftime("%H:%M") for post in posts]
    assert planned == ["01:30", "03:30"]  # an hour later, on a night without a half past two


def test_only_the_fields_of_the_chosen_way_count(client, acme, bob):
    post = make_post(acme, user=bob, text="A")
    client.force_login(bob)
    ask(client, "reschedule", [post], how="set", local_time="2099-03-29 09:30", timezone="UTC", days="many", apart=0)
    shown = ask(client, "reschedule", [post], how="shift", days=1, local_time="whenever", timezone="Mars", apart="-")
    assert "Done for 1 post of 1" in shown.content.decode()
    assert SocialPost.objects.get(pk=post.pk).planned_local.strftime("%d %H:%M") == "30 09:30"
    assert "Say when the first one goes out." in ask(client, "reschedule", [post], how="set", timezone="UTC").text


def test_sorting_adds_and_takes_labels_and_leaves_what_is_not_named(client, acme, bob):
    old, new = (Label.objects.create(organization=acme, name=name) for name in ("Old", "New"))
    spring = Campaign.objects.create(organization=acme, name="Spring")
    post = make_post(acme, user=bob)
    post.labels.set([old])
    client.force_login(bob)
    ask(client, "sort", [post], campaign=spring.pk, add=[new.pk])
    post = SocialPost.objects.get(pk=post.pk)
    assert set(post.labels.all()) == {old, new} and post.campaign == spring
    ask(client, "sort", [post], remove=[old.pk])
    post = SocialPost.objects.get(pk=post.pk)
    assert set(post.labels.all()) == {new} and post.campaign == spring


def test_a_member_deletes_drafts_but_not_what_is_scheduled(client, acme, bob, adam, channel):
    draft = make_post(acme, user=bob, text="Draft")
    scheduled = make_approved(acme, user=bob, approver=adam, channels=[channel], text="Scheduled")
    planning.schedule_post(scheduled, local_time=SATURDAY, timezone="UTC", user=adam)
    client.force_login(bob)
    shown = ask(client, "delete", [draft, scheduled]).content.decode()
    assert "Done for 1 post of 2" in shown
    assert list(SocialPost.objects.values_list("pk", flat=True)) == [scheduled.pk]
    client.force_login(adam)
    assert "Done for 1 post of 1" in ask(client, "unschedule", [scheduled]).content.decode()


def test_roles_and_organizations_are_kept_apart(client, acme, bob, vera, adam, globex, charlie):
    post = make_post(acme, user=bob)
    client.force_login(vera)
    assert "data-bulk" not in client.get(reverse("posts:index")).content.decode()
    assert ask(client, "delete", [post]).status_code == 302
    client.force_login(charlie)
    theirs = client.get(reverse("posts:bulk"), {"action": "delete", "id": [post.pk]}, follow=True)
    assert "Choose posts in the list first" in theirs.content.decode()
    assert "of 0" in ask(client, "delete", [post]).content.decode()
    assert SocialPost.objects.filter(pk=post.pk).exists()
    client.force_login(bob)
    assert "data-bulk-one" in client.get(reverse("posts:index")).content.decode()
