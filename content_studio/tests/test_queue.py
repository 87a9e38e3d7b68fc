import datetime

import pytest
from django.urls import reverse

from content_studio import planning, queueing
from content_studio.factories import make_approved, make_post
from content_studio.models import SocialPost
from content_studio.queues import QueueSlot
from content_studio.slots import next_free, occurrences, queues_of
from organizations.problems import Forbidden
from publishing.factories import ChannelFactory
from publishing.models import Delivery

pytestmark = pytest.mark.django_db

NINE = datetime.time(9)
UTC = datetime.UTC


@pytest.fixture
def channel(acme):
    acme.timezone = "Europe/Berlin"
    acme.save()
    return ChannelFactory(organization=acme)


@pytest.fixture
def daily(channel, adam):
    queueing.add_slots(channel, weekdays=range(7), times=[NINE], user=adam)
    return channel


def coming(channel, start, days=7):
    queues = queues_of(channel.organization, channels=[channel])
    return occurrences(queues, start=start, end=start + datetime.timedelta(days=days))


def test_a_slot_that_a_clock_change_skips_comes_round_later_that_day_and_only_once(channel, adam):
    queueing.add_slots(channel, weekdays=[6], times=[datetime.time(2, 30), datetime.time(3, 30)], user=adam)
    (only,) = coming(channel, datetime.datetime(2027, 3, 27, 12, tzinfo=UTC), days=2)
    assert only.local == datetime.datetime(2027, 3, 28, 3, 30)
    assert only.utc == datetime.datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_a_slot_that_occurs_twice_comes_round_the_first_time_and_keeps_its_wall_clock_after(channel, adam):
    queueing.add_slots(channel, weekdays=[6], times=[datetime.time(2, 30)], user=adam)
    before, twice, after = coming(channel, datetime.datetime(2027, 10, 20, tzinfo=UTC), days=21)
    assert before.utc == datetime.datetime(2027, 10, 24, 0, 30, tzinfo=UTC)
    assert twice.utc == datetime.datetime(2027, 10, 31, 0, 30, tzinfo=UTC) and "twice" in twice.note
    assert after.utc == datetime.datetime(2027, 11, 7, 1, 30, tzinfo=UTC)
    assert {each.local.time() for each in (before, twice, after)} == {datetime.time(2, 30)}


def test_approved_posts_are_scheduled_one_to_a_slot_in_order(acme, bob, adam, daily):
    posts = [make_approved(acme, user=bob, approver=adam, channels=[daily], text=text) for text in ("A", "B", "C")]
    placed = queueing.fill_queue(acme, user=adam)
    assert [each.post.pk for each in placed] == [post.pk for post in posts]
    moments = [each.slot.utc for each in placed]
    assert moments == sorted(moments) and len(set(moments)) == 3
    assert {each.local_time.time() for each in Delivery.objects.all()} == {NINE}
    assert {each.due_at for each in Delivery.objects.all()} == set(moments)


def test_a_draft_takes_its_slot_as_a_wish_and_nothing_goes_out(acme, bob, daily):
    post = make_post(acme, user=bob, channels=[daily])
    placed = queueing.queue_post(post, user=bob)
    assert placed.post.planned_local.replace(tzinfo=None) == placed.slot.local
    assert not Delivery.objects.exists()
    second = queueing.queue_post(make_post(acme, user=bob, channels=[daily], text="Two"), user=bob)
    assert second.slot.utc > placed.slot.utc


def test_a_slot_is_free_again_once_its_post_has_moved_away_or_is_deleted(acme, bob, adam, daily):
    post = make_post(acme, user=bob, channels=[daily])
    first = queueing.queue_post(post, user=bob).slot.utc
    planning.plan_post(post, local_time=datetime.datetime(2099, 1, 1, 12), timezone="Europe/Berlin", user=bob)
    other = make_post(acme, user=bob, channels=[daily], text="Other")
    assert queueing.slot_for(other).utc == first


def test_channels_that_share_slots_get_a_shared_one_and_others_go_along(acme, bob, adam, daily):
    second, third = ChannelFactory(organization=acme), ChannelFactory(organization=acme)
    wednesday = [2]
    queueing.add_slots(second, weekdays=wednesday, times=[NINE], user=adam)
    post = make_post(acme, user=bob, channels=[daily, second, third])
    assert queueing.slot_for(post).local.weekday() == 2
    alone = make_post(acme, user=bob, channels=[daily, third], text="Alone")
    queueing.queue_post(alone, user=bob)
    # What is planned on a channel without slots stands in the way as well.
    assert queueing.slot_for(make_post(acme, user=bob, channels=[daily, third])).utc != alone_moment(alone)


def alone_moment(post):
    from publishing.localtime import to_utc

    post.refresh_from_db()
    return to_utc(post.planned_local, post.planned_timezone).utc


def test_a_paused_queue_gives_nothing_away_and_says_so(acme, bob, adam, daily):
    queueing.pause_queue(daily, user=adam)
    post = make_post(acme, user=bob, channels=[daily])
    with pytest.raises(queueing.NoFreeSlot, match="paused"):
        queueing.queue_post(post, user=bob)
    queueing.resume_queue(daily, user=adam)
    assert queueing.queue_post(post, user=bob).slot


def test_without_slots_or_channels_the_person_is_told_what_to_do(acme, bob, channel):
    with pytest.raises(queueing.NoFreeSlot, match="no slots yet"):
        queueing.slot_for(make_post(acme, user=bob, channels=[channel]))
    with pytest.raises(queueing.NoFreeSlot, match="at least one channel"):
        queueing.slot_for(make_post(acme, user=bob))


def test_one_post_that_cannot_go_out_does_not_stop_the_others(acme, bob, adam, daily):
    from publishing.models import Channel

    broken = ChannelFactory(organization=acme, state=Channel.State.DISCONNECTED)
    queueing.add_slots(broken, weekdays=range(7), times=[NINE], user=adam)
    bad = make_approved(acme, user=bob, approver=adam, channels=[broken], text="Bad")
    good = make_approved(acme, user=bob, approver=adam, channels=[daily], text="Good")
    placed = {each.post.pk: each for each in queueing.fill_queue(acme, user=adam)}
    assert "disconnected" in placed[bad.pk].problem and placed[bad.pk].slot is None
    assert placed[good.pk].slot


def test_shuffling_keeps_the_slots_and_changes_who_has_them(acme, bob, adam, daily):
    for text in "ABCD":
        make_approved(acme, user=bob, approver=adam, channels=[daily], text=text)
    before = {each.post.pk: each.slot.utc for each in queueing.fill_queue(acme, user=adam)}
    after = {
        each.post.pk: each.slot.utc
        for each in queueing.shuffle_queue(daily, user=adam, order=lambda slots: slots.reverse())
    }
    assert set(before) == set(after) and sorted(before.values()) == sorted(after.values())
    assert before != after
    due = {SocialPost.objects.get(uuid=each.post_id).pk: each.due_at for each in Delivery.objects.all()}
    assert due == after


def test_copying_a_day_gives_every_day_its_slots(acme, adam, channel):
    queueing.add_slots(channel, weekdays=[0], times=[NINE, datetime.time(17)], user=adam)
    queueing.add_slots(channel, weekdays=[5], times=[datetime.time(22)], user=adam)
    queueing.copy_day(channel, weekday=0, user=adam)
    assert QueueSlot.objects.filter(time__in=[NINE, datetime.time(17)]).count() == QueueSlot.objects.count() == 14


def test_members_do_not_lay_out_queues_and_viewers_take_no_slots(acme, bob, vera, daily):
    with pytest.raises(Forbidden):
        queueing.add_slots(daily, weekdays=[0], times=[NINE], user=bob)
    with pytest.raises(Forbidden):
        queueing.queue_post(make_post(acme, user=bob, channels=[daily]), user=vera)


def test_the_number_of_queries_does_not_grow_with_posts_or_slots(acme, bob, adam, daily, django_assert_max_num_queries):
    for number in range(5):
        queueing.queue_post(make_post(acme, user=bob, channels=[daily], text=f"{number}"), user=bob)
    with django_assert_max_num_queries(4):
        next_free(list(queues_of(acme)), channels=[daily])


def act(client, channel, action, **data):
    return client.post(reverse("queue_action", args=[channel.pk]), {"action": action, **data}, follow=True)


def test_the_page_lays_out_a_week_fills_it_and_shows_what_is_free(client, acme, bob, adam, channel):
    client.force_login(adam)
    assert "No slots yet" in client.get(reverse("queues"), follow=True).content.decode()
    act(client, channel, "add", weekday=0, time="09:30")
    act(client, channel, "copy", weekday=0)
    assert QueueSlot.objects.count() == 7
    assert "no time" in act(client, channel, "add", weekday=0, time="noon").content.decode()
    post = make_approved(acme, user=bob, approver=adam, channels=[channel], text="Kettle")
    shown = act(client, channel, "fill").content.decode()
    assert "1 post is scheduled" in shown and "Kettle" in shown and "13 slots are free" in shown
    assert SocialPost.objects.get(pk=post.pk).state == SocialPost.State.SCHEDULED
    act(client, channel, "remove", slot=str(QueueSlot.objects.first().pk))
    assert QueueSlot.objects.count() == 6
    assert "Paused" in act(client, channel, "pause").content.decode()


def test_the_schedule_page_offers_the_next_free_slot_and_takes_it(client, acme, bob, adam, daily):
    post = make_approved(acme, user=bob, approver=adam, channels=[daily])
    client.force_login(adam)
    shown = client.get(reverse("posts:schedule", args=[post.pk])).content.decode()
    assert "Next free slot" in shown and "09:00 Europe/Berlin" in shown
    answer = client.post(reverse("posts:queue", args=[post.pk]), follow=True)
    assert "Scheduled in the next free slot" in answer.content.decode()


def test_the_editor_saves_what_was_typed_before_it_takes_a_slot(client, acme, bob, adam, daily):
    acme.approval_required = False
    acme.save()
    post = make_post(acme, user=bob, channels=[daily])
    client.force_login(adam)
    assert 'value="queue"' in client.get(post.admin_url).content.decode()


def test_an_outsider_finds_no_queue(client, charlie, globex, daily):
    client.force_login(charlie)
    assert client.get(reverse("queue", args=[daily.pk])).status_code == 404
    assert act(client, daily, "clear").status_code == 404
    assert QueueSlot.objects.count() == 7
