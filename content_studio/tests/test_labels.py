import pytest
from django.urls import reverse

from content_studio.factories import make_approved, make_post
from content_studio.labels import Campaign, Label
from content_studio.models import SocialPost

from .test_editor import edit_url, form_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def spring(acme):
    return Label.objects.create(organization=acme, name="Spring", colour="green")


@pytest.fixture
def launch(acme):
    return Campaign.objects.create(organization=acme, name="Kettle launch")


def test_a_member_makes_a_label_and_a_name_exists_once(client, acme, bob):
    client.force_login(bob)
    for name in ("Spring", "spring"):
        page = client.post(reverse("labels:add"), {"name": name, "colour": "green"})
    assert page.status_code == 200 and "exists already" in page.content.decode()
    label = Label.objects.get()
    assert label.organization == acme


def test_two_organizations_may_use_the_same_name(client, globex, charlie, spring):
    client.force_login(charlie)
    client.post(reverse("labels:add"), {"name": "Spring", "colour": "red"})
    assert Label.objects.filter(organization=globex, name="Spring").exists()


def test_a_viewer_makes_none_and_an_outsider_sees_none(client, vera, charlie, globex, spring, launch):
    client.force_login(vera)
    client.post(reverse("labels:add"), {"name": "Mine", "colour": "green"})
    assert Label.objects.count() == 1
    client.force_login(charlie)
    assert "Spring" not in client.get(reverse("labels:index")).content.decode()
    for name, row in (("labels", spring), ("campaigns", launch)):
        for page in ("edit", "delete", "history", "usage"):
            assert client.get(reverse(f"{name}:{page}", args=[row.pk])).status_code == 404, (name, page)


def test_the_editor_sorts_a_post_without_asking_for_a_new_approval(client, acme, bob, adam, spring, launch):
    post = make_approved(acme, user=bob, approver=adam)
    client.force_login(bob)
    data = form_data("Our new kettle boils in a minute.", title=post.title, campaign=launch.pk)
    client.post(edit_url(post), data | {"labels": [spring.pk]})
    post = SocialPost.objects.get(pk=post.pk)
    assert post.campaign == launch and list(post.labels.all()) == [spring]


def test_only_ones_own_labels_can_be_chosen(client, acme, bob, globex):
    foreign = Label.objects.create(organization=globex, name="Theirs")
    post = make_post(acme, user=bob)
    client.force_login(bob)
    assert "Theirs" not in client.get(edit_url(post)).content.decode()
    client.post(edit_url(post), form_data() | {"labels": [foreign.pk]})
    assert not post.labels.exists()


def test_the_list_and_the_calendar_filter_by_label_and_campaign(client, acme, bob, spring, launch):
    sorted_post = make_post(acme, user=bob, text="Sorted")
    make_post(acme, user=bob, text="Unsorted")
    sorted_post.labels.set([spring])
    SocialPost.objects.filter(pk=sorted_post.pk).update(campaign=launch)
    client.force_login(bob)
    for query in ({"labels": spring.pk}, {"campaign": launch.pk}):
        page = client.get(reverse("posts:index_results"), query).content.decode()
        assert "Sorted" in page and "Unsorted" not in page


def test_deleting_a_campaign_leaves_its_posts(client, acme, bob, launch):
    post = make_post(acme, user=bob)
    SocialPost.objects.filter(pk=post.pk).update(campaign=launch)
    client.force_login(bob)
    client.post(reverse("campaigns:delete", args=[launch.pk]))
    assert SocialPost.objects.get(pk=post.pk).campaign is None


def test_a_duplicate_is_a_draft_of_ones_own(client, acme, bob, adam):
    post = make_approved(acme, user=bob, approver=adam)
    client.force_login(adam)
    client.post(reverse("posts:duplicate", args=[post.pk]))
    copy = SocialPost.objects.exclude(pk=post.pk).get()
    assert copy.state == SocialPost.State.DRAFT and copy.owner == adam
    assert copy.texts == post.texts and copy.approved_revision is None


def test_an_empty_list_says_what_it_is_for_and_where_one_begins(client, acme, bob):
    client.force_login(bob)
    for name in ("labels", "campaigns", "tones", "hashtag_sets", "signatures", "utm_presets", "briefs"):
        page = client.get(reverse(f"{name}:index")).content.decode()
        assert "Nothing here yet" in page and "Add the first one" in page and "Why not" not in page, name
        assert "Nothing here yet" not in client.get(reverse(f"{name}:index"), {"q": "x"}).content.decode(), name
