"""The library, variants and several networks through the API."""

import pytest

from content_studio.library import HashtagSet, Signature, UtmPreset
from content_studio.models import SocialPost

pytestmark = pytest.mark.django_db

GENERATE = "/api/v1/content/generate/"
BRIEF = {"prompt": "New product launch announcement", "ai_provider": "demo"}


def test_a_member_keeps_a_hashtag_set_and_a_viewer_reads_it(acme, bob, vera, api_of):
    made = api_of(bob).post("/api/v1/library/hashtag-sets/", {"name": "Roofs", "tags": "Roofs, #Tiles"}, format="json")
    assert made.status_code == 201 and made.json()["tags"] == "#Roofs #Tiles"
    address = f"/api/v1/library/hashtag-sets/{made.json()['id']}/"

    assert api_of(vera).get("/api/v1/library/hashtag-sets/").json()["results"][0]["name"] == "Roofs"
    assert api_of(vera).patch(address, {"name": "Mine"}, format="json").status_code == 403
    again = api_of(bob).post("/api/v1/library/hashtag-sets/", {"name": "roofs", "tags": "#x"}, format="json")
    assert again.status_code == 400 and "exists already" in again.content.decode()
    assert api_of(bob).delete(address).status_code == 204


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("tones", {"instruction": "Dry."}),
        ("hashtag-sets", {"tags": "#a"}),
        ("signatures", {"text": "Acme"}),
        ("utm-presets", {}),
        ("briefs", {"prompt": "Say it"}),
    ],
)
def test_an_outsider_sees_and_changes_nothing(kind, said, acme, globex, charlie, bob, api_of):
    made = api_of(bob).post(f"/api/v1/library/{kind}/", {"name": "Acme’s", **said}, format="json").json()
    assert api_of(bob).post(f"/api/v1/library/{kind}/", {"name": "b", "nmae": "c", **said}).status_code == 400
    address = f"/api/v1/library/{kind}/{made['id']}/"

    assert api_of(charlie).get(f"/api/v1/library/{kind}/").json()["results"] == []
    assert api_of(charlie).get(address).status_code == 404
    assert api_of(charlie).patch(address, {"name": "x"}, format="json").status_code == 404
    assert api_of(charlie).delete(address).status_code == 404


def test_variants_are_answered_together_and_one_is_kept(acme, bob, api_of):
    answer = api_of(bob).post(GENERATE, {**BRIEF, "platform": "twitter", "variants": 3}, format="json")
    assert answer.status_code == 201
    results = answer.json()["results"]
    assert [each["variant"] for each in results] == [0, 1, 2] and all(each["post"] is None for each in results)
    assert not SocialPost.objects.exists()

    kept = api_of(bob).post(f"/api/v1/content/generations/{results[1]['id']}/keep/").json()
    assert kept["post"]["id"] == str(SocialPost.objects.get().uuid)


def test_several_networks_get_a_draft_each_with_pieces_of_the_library(acme, bob, api_of):
    HashtagSet.objects.create(organization=acme, name="Roofs", tags="#Roofs")
    Signature.objects.create(organization=acme, name="Team", text="Your Acme team")
    UtmPreset.objects.create(organization=acme, name="Spring", campaign="spring")
    answer = (
        api_of(bob)
        .post(
            GENERATE,
            {
                **BRIEF,
                "platforms": ["x", "linkedin"],
                "hashtag_set": "roofs",
                "signature": "Team",
                "link_tags": "Spring",
            },
            format="json",
        )
        .json()
    )
    assert [each["network"] for each in answer["results"]] == ["x", "linkedin"]
    for post in SocialPost.objects.all():
        assert post.texts[0].endswith("#Roofs\n\nYour Acme team")
        assert post.link_tags == "utm_source={network}&utm_medium=social&utm_campaign=spring"


def test_what_the_library_does_not_hold_is_said(acme, bob, api_of):
    for said in ({"tone": "grumpy"}, {"signature": "None such"}, {"platforms": ["x"]}, {"variants": 9}):
        answer = api_of(bob).post(GENERATE, {**BRIEF, "platform": "x", **said}, format="json")
        assert answer.status_code == 400, said
