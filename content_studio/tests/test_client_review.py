import datetime

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone as clock

from content_studio import client_review, planning, stages
from content_studio.drafting import revise, segment
from content_studio.factories import make_post
from content_studio.models import SocialPost
from content_studio.review_links import Remark, ReviewLink
from organizations import audit
from organizations.problems import Forbidden, Problem
from publishing.factories import ChannelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(acme, bob):
    channel = ChannelFactory(organization=acme, name="Acme page")
    return make_post(acme, user=bob, text="Meet our kettle", channels=[channel])


@pytest.fixture
def link(acme, adam, post):
    return client_review.make_link(acme, user=adam, name="Client", posts=[post], may_approve=True)


@pytest.fixture
def at_client(acme, alice, post, bob):
    """The post waits at a stage that takes a client's word."""
    (stage,) = stages.stages_of(acme)
    stages.save_stage(acme, user=alice, name="Client", by_link=True, stage=stage)
    return planning.submit_post(post, user=bob)


def answer(client, link, post, **said):
    data = {"post": post.pk, "person": "Clara Client", "text": "", "kind": "comment", **said}
    return client.post(client_review.address_of(link), data)


def fresh(post):
    return SocialPost.objects.get(pk=post.pk)


def test_a_client_sees_the_preview_and_nothing_of_the_studio(client, link, post, adam):
    page = client.get(client_review.address_of(link))
    shown = page.content.decode()
    assert page.status_code == 200 and "Meet our kettle" in shown and "Acme page" in shown
    assert "/admin/" not in shown and adam.email not in shown
    assert "noindex" in page["X-Robots-Tag"] and "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    assert "Approve" not in shown  # nothing waits for the client


def test_a_link_that_is_forged_expired_or_revoked_leads_nowhere_and_all_look_alike(client, link, acme, adam):
    forged = client_review.address_of(ReviewLink(pk=link.pk)).rsplit(".", 1)[0] + ".x/"
    foreign = signing.Signer(salt="another").sign(link.pk.hex).replace(":", ".")
    works = client_review.address_of(link)
    answers = [client.get(forged), client.get(reverse("client_review", args=[foreign]))]
    ReviewLink.objects.update(expires_at=clock.now() - datetime.timedelta(seconds=1))
    answers.append(client.get(works))
    ReviewLink.objects.update(expires_at=clock.now() + datetime.timedelta(days=1))
    client_review.revoke_link(ReviewLink.objects.get(), user=adam)
    answers.append(client.get(works))
    assert {each.status_code for each in answers} == {404}
    assert len({each.content for each in answers}) == 1


def test_a_client_comments_and_the_team_reads_it(client, link, post, bob, acme):
    assert answer(client, link, post, text="Lovely").status_code == 302
    assert "Lovely" in client.get(client_review.address_of(link)).content.decode()
    client.force_login(bob)
    shown = client.get(reverse("posts:detail", args=[post.pk])).content.decode()
    assert "Lovely" in shown and "Clara Client" in shown
    assert any("Clara Client" in each.what for each in audit.entries(acme))


def test_a_client_approves_where_a_stage_takes_it_and_that_binds_the_version(client, link, at_client):
    assert "Approve" in client.get(client_review.address_of(link)).content.decode()
    answer(client, link, at_client, kind="approved")
    after = fresh(at_client)
    assert after.state == SocialPost.State.APPROVED
    assert after.approved_revision_id == at_client.latest_revision_id


def test_a_client_asks_for_changes_and_has_to_say_which(client, link, at_client):
    assert answer(client, link, at_client, kind="changes").status_code == 400
    assert fresh(at_client).state == SocialPost.State.IN_REVIEW
    answer(client, link, at_client, kind="changes", text="Less red")
    assert fresh(at_client).state == SocialPost.State.CHANGES_REQUESTED


def test_what_changed_since_is_told_not_shown_and_cannot_be_approved(client, link, at_client, alice, adam):
    revise(at_client, user=alice, segments=[segment("A secret new text")])
    shown = client.get(client_review.address_of(link)).content.decode()
    assert "Changed since" in shown and "Meet our kettle" in shown and "A secret new text" not in shown
    refused = answer(client, link, at_client, kind="approved")
    assert refused.status_code == 409 and "changed this post" in refused.content.decode()
    assert fresh(at_client).state == SocialPost.State.IN_REVIEW
    client_review.renew_link(link, user=adam)
    assert "A secret new text" in client.get(client_review.address_of(link)).content.decode()


@pytest.mark.parametrize("without", ["stage", "link"])
def test_nothing_is_approved_without_the_stage_and_the_link_allowing_it(client, link, at_client, without):
    if without == "stage":
        planning.stage_of(at_client).__class__.objects.update(by_link=False)
    else:
        ReviewLink.objects.update(may_approve=False)
    assert answer(client, link, at_client, kind="approved").status_code == 409
    assert fresh(at_client).state == SocialPost.State.IN_REVIEW and not Remark.objects.exists()


def test_a_link_answers_only_for_its_own_posts_and_not_too_often(client, link, acme, bob):
    other = make_post(acme, user=bob, text="Not linked")
    assert answer(client, link, other, text="Hi").status_code == 404
    codes = [answer(client, link, other, text="Hi").status_code for _number in range(12)]
    assert codes[-1] == 429


def test_only_those_who_approve_make_links_for_posts_of_their_own_organization(acme, globex, bob, charlie, post):
    with pytest.raises(Forbidden):
        client_review.make_link(acme, user=bob, name="Client", posts=[post])
    with pytest.raises(Problem):
        client_review.make_link(globex, user=charlie, name="Client", posts=[post])


def test_links_are_made_listed_and_revoked_in_the_studio(client, acme, adam, bob, charlie, globex, post):
    client.force_login(adam)
    made = client.post(
        reverse("review_links"), {"name": "Ms Client", "posts": [post.pk], "days": 7}, follow=True
    ).content.decode()
    link = ReviewLink.objects.get()
    assert "Ms Client" in made and client_review.token_of(link) in made
    for person, status in ((charlie, 404), (bob, 302)):
        client.force_login(person)
        assert client.post(reverse("review_link_action", args=[link.pk])).status_code == status
        assert ReviewLink.objects.get().works
    client.force_login(adam)
    client.post(reverse("review_link_action", args=[link.pk]), {"action": "revoke"})
    assert not ReviewLink.objects.get().works
