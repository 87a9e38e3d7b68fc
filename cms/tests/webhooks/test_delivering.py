"""Messages arrive at least once, signed, and go nowhere that they should not."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from webhooks import delivering, endpoints, housekeeping
from webhooks.announcing import News, announce, announce_all
from webhooks.delivering import WAITS, deliver_due
from webhooks.models import Endpoint, Event, Telling

pytestmark = pytest.mark.django_db


def due_again():
    Telling.objects.filter(state="waiting").update(next_attempt_at=timezone.now())


def test_a_message_is_what_the_specification_says_and_its_signature_holds(acme, endpoint, receiver):
    announce(acme.pk, "post.published", post={"title": "Grüße"})

    assert deliver_due() == 1

    (call,) = receiver.record
    said = Webhook(endpoint.secret).verify(call.body, dict(call.headers))
    assert (said["type"], said["data"]) == ("post.published", {"post": {"title": "Grüße"}})
    assert said["timestamp"] == Event.objects.get().occurred_at.isoformat()
    assert call.headers["webhook-id"] == Event.objects.get().message_id
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(call.body.replace(b"Gr", b"gr"), dict(call.headers))
    telling = Telling.objects.get()
    assert (telling.state, telling.attempts.get().status) == ("delivered", 204)
    assert deliver_due() == 0


def test_only_who_has_chosen_an_event_and_belongs_to_the_organization_hears_it(acme, globex, adam, charlie, receiver):
    def hears(organization, user, path, *types):
        return endpoints.create_endpoint(organization, url=f"{receiver.url}/{path}", event_types=types, user=user)

    hears(acme, adam, "hook", "post.published")
    hears(acme, adam, "other", "post.failed")
    hears(globex, charlie, "theirs", "post.published")
    off = hears(acme, adam, "off", "post.published")
    endpoints.change_endpoint(off, enabled=False, user=adam)

    announce(acme.pk, "post.published", post={})
    deliver_due()

    assert [call.path for call in receiver.record] == ["/hook"]


def test_what_is_rolled_back_was_never_announced(acme, endpoint):
    with pytest.raises(RuntimeError), transaction.atomic():
        announce(acme.pk, "post.published", post={})
        raise RuntimeError
    assert not Event.objects.exists()


def test_the_same_news_told_twice_is_one_message(acme, endpoint, receiver):
    news = News(acme.pk, "post.published", {})
    announce_all([news])
    announce_all([news, News(acme.pk, "post.failed", {})])
    deliver_due()
    assert len(receiver.record) == 2


def test_what_fails_is_sent_again_later_and_later_with_the_same_id_and_then_given_up(acme, endpoint, receiver):
    receiver.routes["POST /hook"] = (500, {"error": "busy"})
    announce(acme.pk, "post.published", post={})
    for wait in WAITS:
        deliver_due()
        telling = Telling.objects.get()
        planned = (telling.next_attempt_at - timezone.now()).total_seconds()
        assert wait * 0.75 < planned < wait * 1.25
        due_again()
    deliver_due()

    assert Telling.objects.get().state == "failed"
    assert len(receiver.record) == len(WAITS) + 1 == Telling.objects.get().attempts.count()
    assert len({call.headers["webhook-id"] for call in receiver.record}) == 1
    assert timedelta(days=2.5) < timedelta(seconds=sum(WAITS)) < timedelta(days=3.5)
    assert '{"error": "busy"}' in Telling.objects.get().attempts.first().answer


def test_one_worker_at_a_time_has_a_message_and_what_a_dead_one_had_is_sent_again(acme, endpoint, receiver):
    announce(acme.pk, "post.published", post={})
    (telling,) = delivering._claim()
    assert delivering._claim() == []

    Telling.objects.filter(pk=telling.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    assert deliver_due() == 1
    assert len(receiver.record) == 1


def test_one_endpoint_that_has_much_to_hear_does_not_hold_up_another(acme, globex, charlie, endpoint, receiver):
    other = endpoints.create_endpoint(globex, url=f"{receiver.url}/o", event_types=["post.failed"], user=charlie)
    announce_all([News(acme.pk, "post.published", {"n": n}) for n in range(30)])
    announce(globex.pk, "post.failed")
    claimed = delivering._claim()
    assert other.pk in {telling.endpoint_id for telling in claimed}
    assert len(claimed) == delivering.OF_ONE_ENDPOINT + 1


def test_what_fails_for_three_days_is_switched_off_and_people_are_told(acme, alice, adam, endpoint, receiver):
    receiver.routes["POST /hook"] = (500, b"")
    announce(acme.pk, "post.published")
    deliver_due()
    endpoint.refresh_from_db()
    assert endpoint.failing_since and not endpoint.disabled_at
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=3, minutes=1))
    due_again()

    deliver_due()

    endpoint.refresh_from_db()
    assert endpoint.disabled_at
    assert sorted(each.to[0] for each in mail.outbox) == [adam.email, alice.email]
    assert endpoint.url in mail.outbox[0].body
    due_again()
    assert deliver_due() == 0
    receiver.routes["POST /hook"] = (200, b"")
    endpoints.change_endpoint(endpoint, enabled=True, user=adam)
    assert deliver_due() == 1


def test_one_good_answer_ends_the_failing(acme, endpoint, receiver):
    receiver.routes["POST /hook"] = [(500, b""), (200, b"")]
    announce(acme.pk, "post.published")
    deliver_due()
    due_again()
    deliver_due()
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_gone_for_good_switches_off_at_once(acme, endpoint, receiver):
    receiver.routes["POST /hook"] = (410, b"")
    announce(acme.pk, "post.published")
    deliver_due()
    endpoint.refresh_from_db()
    assert endpoint.disabled_at
    assert "410" in endpoint.disabled_reason


def test_nothing_is_sent_to_this_network(acme, endpoint, receiver, settings):
    announce(acme.pk, "post.published")
    settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES = False

    deliver_due()

    assert receiver.record == []
    assert "not on the public internet" in Telling.objects.get().attempts.get().explanation


def test_a_redirect_is_not_followed(acme, endpoint, receiver):
    receiver.routes |= {"POST /hook": (307, b"", {"Location": f"{receiver.url}/inside"}), "POST /inside": (200, b"")}
    announce(acme.pk, "post.published")
    deliver_due()
    assert [call.path for call in receiver.record] == ["/hook"]
    assert "redirect" in Telling.objects.get().attempts.get().explanation


def test_an_endpoint_that_says_nothing_does_not_stop_the_round(acme, endpoint, receiver, monkeypatch):
    monkeypatch.setattr(delivering, "LONGEST_CALL", 0.3)
    receiver.delay = 1.5
    announce(acme.pk, "post.published")
    assert deliver_due() == 1
    assert Telling.objects.get().state == "waiting"
    assert "end of its answer" in Telling.objects.get().attempts.get().explanation


def test_after_a_rotation_both_secrets_hold_for_a_day(acme, adam, endpoint, receiver):
    before = endpoint.secret
    after = endpoints.rotate_secret(endpoint, user=adam).secret
    announce(acme.pk, "post.published")
    deliver_due()
    for secret in (before, after):
        Webhook(secret).verify(receiver.record[-1].body, dict(receiver.record[-1].headers))

    endpoint.refresh_from_db()
    endpoint.secrets = [[after, None], [before, (timezone.now() - timedelta(seconds=1)).isoformat()]]
    endpoint.save()
    announce(acme.pk, "post.failed")
    deliver_due()
    with pytest.raises(WebhookVerificationError):
        Webhook(before).verify(receiver.record[-1].body, dict(receiver.record[-1].headers))


def test_secrets_lie_encrypted_in_the_database(endpoint):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM webhooks_endpoint")
        assert endpoint.secret.encode() not in bytes(cursor.fetchone()[0])


def test_what_has_not_arrived_is_sent_again_since_a_moment(acme, adam, endpoint, receiver):
    receiver.routes["POST /hook"] = (500, b"")
    announce_all([News(acme.pk, "post.published", {"n": n}) for n in range(3)])
    deliver_due()
    Telling.objects.update(state="failed")
    Event.objects.filter(data__n=0).update(occurred_at=timezone.now() - timedelta(hours=2))
    receiver.routes["POST /hook"] = (200, b"")
    receiver.record.clear()

    assert endpoints.replay_failed(endpoint, since=timezone.now() - timedelta(hours=1), user=adam) == 2

    deliver_due()
    assert sorted(json.loads(call.body)["data"]["n"] for call in receiver.record) == [1, 2]


def test_the_log_is_forgotten_after_a_month_but_not_what_waits(acme, endpoint):
    announce_all([News(acme.pk, "post.published", {"n": n}) for n in range(2)])
    Event.objects.update(occurred_at=timezone.now() - timedelta(days=31))
    Telling.objects.filter(event__data__n=0).update(state="delivered")
    housekeeping.tidy()
    assert [event.data["n"] for event in Event.objects.all()] == [1]
