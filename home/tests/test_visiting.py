"""What visitors send: it arrives, robots do not get far, and no cookie is needed."""

import re

import pytest
from django.core import mail
from wagtail.models import Site

from home.models import ContactMessage, SiteSettings, Subscription

from .conftest import page_at

pytestmark = pytest.mark.django_db
WORDS = {"name": "Ada", "email": "ada@example.test", "text": "Hello there"}


@pytest.fixture
def address(home):
    return f"/messages/{page_at('contact').pk}/"


def test_a_message_is_kept_and_mailed(address, client, home):
    site = Site.objects.get(is_default_site=True)
    SiteSettings.objects.create(site=site, contact_email="us@example.test")
    answer = client.post(address, WORDS)
    assert answer.status_code == 200 and b"Your message has arrived" in answer.content
    message = ContactMessage.objects.get()
    assert (message.name, message.email, message.text) == ("Ada", "ada@example.test", "Hello there")
    assert mail.outbox[0].to == ["us@example.test"] and mail.outbox[0].reply_to == ["ada@example.test"]
    assert not answer.cookies


def test_the_network_address_itself_is_not_kept(address, client):
    client.post(address, WORDS, REMOTE_ADDR="192.0.2.7")
    kept = ContactMessage.objects.get()
    assert "192.0.2.7" not in str(kept.__dict__) and len(kept.sender) == 64


def test_who_fills_in_the_trap_is_thanked_and_forgotten(address, client):
    answer = client.post(address, {**WORDS, "website": "https://spam.example"})
    assert b"Your message has arrived" in answer.content
    assert not ContactMessage.objects.exists()


def test_a_message_without_an_address_comes_back_with_what_was_written(address, client):
    answer = client.post(address, {**WORDS, "email": "nonsense"})
    assert answer.status_code == 422
    assert b"Hello there" in answer.content and b"valid email address" in answer.content
    assert not ContactMessage.objects.exists()


def test_one_address_can_send_only_so_much_in_an_hour(address, client):
    statuses = [client.post(address, WORDS, REMOTE_ADDR="192.0.2.7").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert client.post(address, WORDS, REMOTE_ADDR="192.0.2.8").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Referer": "https://evil.example/"}],
)
def test_a_form_on_another_site_cannot_send(address, client, headers):
    assert client.post(address, WORDS, headers=headers).status_code == 403
    assert client.post("/newsletter/", {"email": "a@b.test"}, headers=headers).status_code == 403
    assert not ContactMessage.objects.exists() and not Subscription.objects.exists()


def test_a_form_on_our_own_page_can_send_without_a_cookie(address, home):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(address, WORDS, headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"})
    assert answer.status_code == 200 and ContactMessage.objects.exists()


def link_in(message) -> str:
    return re.search(r"http://localhost:8000(/\S+)", message.body)[1]


def test_a_subscription_counts_only_after_its_link_was_confirmed(home, client):
    assert client.post("/newsletter/", {"email": "Ada@example.test"}).status_code == 302
    subscription = Subscription.objects.get()
    assert subscription.email == "ada@example.test" and subscription.confirmed_at is None
    link = link_in(mail.outbox[0])
    client.get(link)  # as programs do that scan mail
    subscription.refresh_from_db()
    assert subscription.confirmed_at is None
    client.post(link)
    subscription.refresh_from_db()
    assert subscription.confirmed_at is not None


def test_the_blog_offers_the_newsletter_unless_the_site_says_otherwise(home, client):
    form = 'action="/newsletter/"'
    for path in ("/blog/", "/blog/unknown-outcome/"):
        assert client.get(path).content.decode().count(form) == 1, path
    assert form not in client.get("/").content.decode()
    SiteSettings.objects.create(site=Site.objects.get(is_default_site=True), newsletter=False)
    assert form not in client.get("/blog/").content.decode()


def test_asking_twice_tells_nobody_who_is_subscribed(home, client):
    first = client.post("/newsletter/", {"email": "ada@example.test"})
    client.post(link_in(mail.outbox[0]))
    second = client.post("/newsletter/", {"email": "ada@example.test"})
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert len(mail.outbox) == 1


def test_a_forged_link_confirms_nothing(home, client):
    assert client.post("/newsletter/confirm/nonsense/").status_code == 410


def test_leaving_deletes_the_address(home, client):
    client.post("/newsletter/", {"email": "ada@example.test"})
    client.post(link_in(mail.outbox[0]).replace("/confirm/", "/leave/"))
    assert not Subscription.objects.exists()


def test_who_subscribes_others_is_stopped(home, client):
    statuses = [client.post("/newsletter/", {"email": f"{n}@example.test"}).status_code for n in range(6)]
    assert statuses == [302] * 5 + [429]
