import datetime

import pytest
from django.urls import reverse
from django.utils import timezone as clock
from wagtail.models import TaskState

from billing.models import PlanGrant
from content_studio import planning, stages
from content_studio.drafting import revise, segment
from content_studio.factories import make_post
from content_studio.models import ApprovalTask, SocialPost
from content_studio.presenting import in_zone
from content_studio.reviewing import due_times
from organizations.problems import Conflict, Forbidden

pytestmark = pytest.mark.django_db
State = SocialPost.State


@pytest.fixture
def team_plan(acme, alice):
    from django.utils import timezone

    PlanGrant.objects.create(organization=acme, plan="team", reason="test", starts_at=timezone.now())


@pytest.fixture
def two_stages(acme, alice, adam, team_plan):
    """Adam looks at the brand, then Alice at the law."""
    (first,) = stages.stages_of(acme)
    stages.save_stage(acme, user=alice, stage=first, name="Brand", approvers=[adam])
    stages.save_stage(acme, user=alice, name="Legal", approvers=[alice])


def fresh(post):
    return SocialPost.objects.get(pk=post.pk)


def names(organization):
    return [stage.name for stage in stages.stages_of(organization)]


def test_a_post_passes_both_stages_in_their_order(acme, alice, adam, bob, two_stages):
    post = make_post(acme, user=bob)
    planning.submit_post(post, user=bob)
    with pytest.raises(Forbidden):
        planning.approve_post(post, user=alice)
    planning.approve_post(post, user=adam)
    assert fresh(post).state == State.IN_REVIEW
    assert planning.stage_of(fresh(post)).name == "Legal"
    planning.approve_post(post, user=alice)
    assert fresh(post).state == State.APPROVED


def test_an_edit_between_the_stages_starts_the_review_anew(acme, alice, adam, bob, two_stages):
    post = make_post(acme, user=bob)
    planning.submit_post(post, user=bob)
    planning.approve_post(post, user=adam)
    revise(post, user=alice, segments=[segment("Alice's words, which Adam never saw.")])
    planning.approve_post(post, user=alice)
    assert fresh(post).state == State.IN_REVIEW
    assert planning.stage_of(fresh(post)).name == "Brand"
    planning.approve_post(post, user=adam)
    assert fresh(post).state == State.APPROVED
    assert fresh(post).approved_revision.as_object().texts == ["Alice's words, which Adam never saw."]


def test_the_plan_limits_how_many_stages_there_are(client, acme, alice):
    client.force_login(alice)
    assert "bigger plan" in client.get(reverse("review_stages")).content.decode()
    page = client.post(reverse("review_stage_add"), {"name": "Legal"})
    assert "bigger plan" in page.content.decode()
    assert len(names(acme)) == 1


def test_stages_can_be_added_ordered_and_removed_on_the_page(client, acme, alice, team_plan):
    client.force_login(alice)
    client.post(reverse("review_stage_add"), {"name": "Legal", "own_posts": "on"})
    assert names(acme)[-1] == "Legal"
    legal = ApprovalTask.objects.get(name="Legal")
    client.post(reverse("review_stage_action", args=[legal.pk]), {"action": "up"})
    assert names(acme)[0] == "Legal"
    client.post(reverse("review_stage_action", args=[legal.pk]), {"action": "remove"})
    assert "Legal" not in names(acme)


def test_a_stage_with_waiting_posts_and_the_only_stage_stay(acme, alice, adam, bob, two_stages):
    post = make_post(acme, user=bob)
    planning.submit_post(post, user=bob)
    brand, legal = stages.stages_of(acme)
    with pytest.raises(Conflict):
        stages.remove_stage(brand, user=alice)
    stages.remove_stage(legal, user=alice)
    with pytest.raises(Conflict):
        stages.remove_stage(brand, user=alice)


def test_only_whoever_manages_settings_and_only_ones_own_stages(client, acme, bob, charlie, globex, two_stages):
    brand = stages.stages_of(acme)[0]
    client.force_login(bob)
    assert client.get(reverse("review_stages")).status_code == 302
    client.force_login(charlie)
    assert client.get(reverse("review_stage", args=[brand.pk])).status_code == 404
    assert client.post(reverse("review_stage_action", args=[brand.pk]), {"action": "remove"}).status_code == 404
    assert names(acme) == ["Brand", "Legal"]


def test_until_when_a_stage_wants_a_decision_is_told_wherever_the_post_waits(client, acme, alice, adam, bob):
    (stage,) = stages.stages_of(acme)
    stages.save_stage(acme, user=alice, name="Brand", due_hours=24, stage=stage)
    post, other = make_post(acme, user=bob), make_post(acme, user=bob, text="Nobody waits for this")
    planning.submit_post(post, user=bob)
    client.force_login(adam)
    pages = [reverse(name) for name in ("wagtailadmin_home", "posts:index")]
    pages += [reverse("posts:detail", args=[post.pk]), reverse("wagtailadmin_pages:edit", args=[post.pk])]
    for word, hours in (("Decide by", 1), ("Overdue since", 30)):
        started = clock.now() - datetime.timedelta(hours=hours)
        TaskState.objects.update(started_at=started)
        due = in_zone(started + datetime.timedelta(hours=24), acme.timezone)
        for page in pages:
            assert client.get(page).content.decode().count(f"{word} {due}") == 1, page
    planning.approve_post(fresh(post), user=adam)
    assert "Overdue" not in client.get(pages[1]).content.decode()
    assert due_times([post, other]) == {}
