import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Comment

from content_studio import commenting
from content_studio.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(acme, bob):
    return make_post(acme, user=bob, text="Kettle")


@pytest.fixture
def here(post):
    return f"/api/v1/posts/{post.uuid}/comments/"


def test_a_viewer_comments_through_the_api_and_a_member_answers_and_resolves(api_of, post, here, vera, bob):
    made = api_of(vera).post(here, {"text": "Too loud", "segment": 0})
    assert made.status_code == 201, made.content
    assert made.json()["segment"] == 0 and made.json()["author"]["name"] == "Vera"
    one = f"{here}{made.json()['id']}/"
    answered = api_of(bob).post(f"{one}reply/", {"text": "Softer now"})
    assert answered.status_code == 201 and answered.json()["replies"][0]["text"] == "Softer now"
    resolved = api_of(bob).post(f"{one}resolve/")
    assert resolved.status_code == 200 and resolved.json()["resolved_by"]["name"] == "Bob"
    (listed,) = api_of(vera).get(here).json()["results"]
    assert listed == resolved.json()


def test_a_comment_without_a_segment_is_about_the_whole_post(api_of, here, vera):
    made = api_of(vera).post(here, {"text": "Nice"}).json()
    assert (made["segment"], made["about"]) == (None, "The post as a whole")


@pytest.mark.parametrize("said", [{}, {"text": ""}, {"text": "x", "segment": 7}, {"text": "x", "segment": -1}])
def test_what_says_nothing_or_is_about_nothing_is_refused(api_of, here, vera, said):
    assert api_of(vera).post(here, said).status_code in (400, 422)
    assert not Comment.objects.exists()


def test_one_deletes_what_one_said_oneself_alone(api_of, post, here, vera, bob):
    made = api_of(vera).post(here, {"text": "Oops"}).json()
    reply = api_of(bob).post(f"{here}{made['id']}/reply/", {"text": "Hm"}).json()["replies"][0]
    assert api_of(bob).delete(f"{here}{made['id']}/").status_code == 403
    assert api_of(vera).delete(f"{here}{made['id']}/replies/{reply['id']}/").status_code == 403
    assert api_of(bob).delete(f"{here}{made['id']}/replies/{reply['id']}/").status_code == 204
    assert api_of(vera).delete(f"{here}{made['id']}/").status_code == 204
    assert api_of(vera).delete(f"{here}{made['id']}/").status_code == 404


def test_one_changes_the_words_that_are_ones_own_while_the_comment_is_open(api_of, post, here, vera, bob):
    made = api_of(vera).post(here, {"text": "Too lowd"}).json()
    one = f"{here}{made['id']}/"
    reply = api_of(bob).post(f"{one}reply/", {"text": "Hm"}).json()["replies"][0]
    other = f"{one}replies/{reply['id']}/"
    assert api_of(vera).patch(one, {"text": "Too loud"}).json()["text"] == "Too loud"
    assert api_of(bob).patch(other, {"text": "Agreed"}).json()["replies"][0]["text"] == "Agreed"
    assert api_of(bob).patch(one, {"text": "Mine"}).status_code == 403
    assert api_of(vera).patch(other, {"text": "Mine"}).status_code == 403
    assert api_of(vera).patch(one, {"text": " "}).status_code == 400
    api_of(bob).post(f"{one}resolve/")
    assert api_of(vera).patch(one, {"text": "Still"}).status_code == 409
    assert api_of(bob).patch(other, {"text": "Still"}).status_code == 409
    assert api_of(bob).post(f"{one}reply/", {"text": "Still"}).status_code == 409
    assert Comment.objects.get().text == "Too loud"


def test_an_outsider_finds_no_comments(api_of, post, here, vera, globex, charlie):
    comment = api_of(vera).post(here, {"text": "Between us"}).json()
    assert api_of(charlie).get(here).status_code == 404
    assert api_of(charlie).post(here, {"text": "Hi"}).status_code == 404
    assert api_of(charlie).post(f"{here}{comment['id']}/resolve/").status_code == 404
    assert api_of(charlie).patch(f"{here}{comment['id']}/", {"text": "Hi"}).status_code == 404
    other = f"/api/v1/posts/{make_post(globex, user=charlie).uuid}/comments/"
    for pk in (comment["id"], uuid.uuid4()):
        assert api_of(charlie).post(f"{other}{pk}/reply/", {"text": "Hi"}).status_code == 404


def test_many_comments_take_no_more_queries_than_one(api_of, post, here, vera):
    client = api_of(vera)

    def talk(count):
        for number in range(count):
            comment = commenting.comment_on(post, user=vera, text=f"No. {number}")
            commenting.answer(post, comment, user=vera, text="Yes")

    talk(1)
    client.get(here)
    with CaptureQueriesContext(connection) as few:
        client.get(here)
    talk(7)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(here).json()["results"]) == 8
    assert len(many) == len(few)
