"""A request that a tool repeats with its `Idempotency-Key` is carried out once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from content_studio.models import SocialPost
from organizations.factories import PASSWORD
from organizations.idempotency import forget_old
from organizations.models import KeptAnswer

pytestmark = pytest.mark.django_db

POSTS = "/api/v1/posts/"


def client_of(person):
    client = APIClient()
    tokens = client.post("/api/v1/auth/token/", {"email": person.email, "password": PASSWORD}).json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
    return client


def write(client, text, key):
    return client.post(POSTS, {"segments": [{"text": text}]}, headers={"Idempotency-Key": key})


def slug(answer):
    return answer.json()["type"].rsplit("/", 1)[1]


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(acme, bob):
    client = client_of(bob)
    first = write(client, "Once", "one")
    again = write(client, "Once", "one")

    assert first.status_code == again.status_code == 201
    assert again.json() == first.json()
    assert again["ETag"] == first["ETag"]
    assert again["Idempotent-Replayed"] == "true"
    assert SocialPost.objects.count() == 1


def test_without_a_key_or_with_another_it_is_another_request(acme, bob):
    client = client_of(bob)
    write(client, "Twice", "one")
    write(client, "Twice", "two")
    client.post(POSTS, {"segments": [{"text": "Twice"}]})

    assert SocialPost.objects.count() == 3


def test_a_key_is_refused_for_another_request(acme, bob):
    client = client_of(bob)
    write(client, "This", "one")
    other = write(client, "That", "one")

    assert (other.status_code, slug(other)) == (422, "idempotency-key-reused")
    assert SocialPost.objects.count() == 1


def test_a_key_whose_request_is_under_way_is_refused(acme, bob):
    client = client_of(bob)
    write(client, "Slow", "one")
    KeptAnswer.objects.update(status=None)
    meanwhile = write(client, "Slow", "one")

    assert (meanwhile.status_code, slug(meanwhile)) == (409, "idempotency-key-in-use")


def test_a_refusal_is_kept_like_any_answer(acme, bob):
    client = client_of(bob)
    body = {"segments": []}
    first = client.post(POSTS, body, headers={"Idempotency-Key": "bad"})
    again = client.post(POSTS, body, headers={"Idempotency-Key": "bad"})

    assert first.status_code == again.status_code == 400
    assert again.json() == first.json()


def test_a_failure_of_ours_frees_the_key(acme, bob, monkeypatch):
    client = client_of(bob)
    client.raise_request_exception = False

    def broken(**kwargs):
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr("content_studio.drafting.create_draft", broken)
        assert write(client, "Again", "one").status_code == 500
    assert write(client, "Again", "one").status_code == 201


def test_a_key_is_ones_own(acme, alice, bob):
    assert write(client_of(bob), "Mine", "one").status_code == 201
    assert write(client_of(alice), "Mine", "one").status_code == 201
    assert SocialPost.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_none_is_refused(acme, bob, key):
    assert slug(write(client_of(bob), "Text", key)) == "idempotency-key-not-usable"


def test_answers_are_kept_for_a_day(acme, bob):
    client = client_of(bob)
    write(client, "Old", "one")
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert write(client, "New", "one").status_code == 201
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert forget_old() == 1
