import pytest

from content_studio.factories import make_post

pytestmark = pytest.mark.django_db


def test_a_tool_makes_a_link_for_a_client_and_revokes_it(api_of, client, acme, adam, bob, globex, charlie):
    post = make_post(acme, user=bob, text="Kettle")
    wanted = {"name": "Client", "posts": [str(post.uuid)]}
    made = api_of(adam).post("/api/v1/review-links/", wanted)
    assert made.status_code == 201, made.content
    url, here = made.json()["url"], f"/api/v1/review-links/{made.json()['id']}/"
    assert "Kettle" in client.get(url).content.decode()
    assert api_of(bob).post("/api/v1/review-links/", wanted).status_code == 403
    assert api_of(charlie).get(here).status_code == 404
    assert api_of(charlie).post("/api/v1/review-links/", wanted).status_code == 404
    assert api_of(adam).delete(here).status_code == 204
    assert client.get(url).status_code == 404
