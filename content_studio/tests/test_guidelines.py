"""What an organization asks of its posts, and links that lead nowhere: found, said with a fix, blocking or not."""

import pytest
from django.urls import reverse

from content_studio import lookups, planning
from content_studio.checks import checks_of
from content_studio.drafting import create_draft, segment
from content_studio.fixes import fix_for
from content_studio.generating import generate_post
from content_studio.guidelines import Guidelines
from content_studio.lookups import LinkLookup
from content_studio.models import SocialPost
from content_studio.problems import ChecksFailed
from publishing.factories import ChannelFactory
from publishing.fetching import CannotBeRead, Fetched

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme)


def write(acme, bob, channel, text, **kwargs):
    return create_draft(organization=acme, user=bob, segments=[segment(text, **kwargs)], channels=[channel])


def findings(post):
    (check,) = checks_of(SocialPost.objects.get(pk=post.pk).get_latest_revision_as_object())
    return {finding.code: finding for finding in check.findings}


def test_an_undisclosed_partnership_blocks_scheduling_and_not_saving(acme, alice, bob, channel):
    Guidelines.objects.create(organization=acme, partners="Globex\n@initech")
    post = write(acme, bob, channel, "We love Globex.")
    found = findings(post)["partnership_undisclosed"]
    assert found.blocking and fix_for(found).text == "#ad"
    planning.submit_post(post, user=bob)
    post = planning.approve_post(SocialPost.objects.get(pk=post.pk), user=alice)
    with pytest.raises(ChecksFailed, match="paid partner"):
        planning.publish_post_now(post, user=alice)
    assert "partnership_undisclosed" not in findings(write(acme, bob, channel, "We love Globex. #ad"))
    assert "partnership_undisclosed" not in findings(write(acme, bob, channel, "We love Globexia."))


def test_a_post_by_ai_needs_the_label_and_one_by_a_person_does_not(acme, bob, channel):
    Guidelines.objects.create(organization=acme, ai_label="#AIassisted", blocks=False)
    by_ai = generate_post(
        organization=acme, user=bob, network=channel.network, tone="casual", prompt="Roofs", provider="demo"
    ).post
    found = findings(by_ai)["ai_label_missing"]
    assert not found.blocking and fix_for(found).text == "#AIassisted"
    assert "ai_label_missing" not in findings(write(acme, bob, channel, "By hand"))


def test_links_are_looked_up_by_a_worker_after_saving_once_a_day(
    acme, bob, channel, monkeypatch, django_capture_on_commit_callbacks
):
    asked, answers = [], {"https://a.org/ok": 200, "https://a.org/gone": 404, "https://a.org/robots": 403}

    def fetch(url, **kwargs):
        asked.append(url)
        if url not in answers:
            raise CannotBeRead("Nothing answers")
        return Fetched(url, answers[url], "text/html")

    monkeypatch.setattr(lookups, "fetch", fetch)
    tasks = []
    monkeypatch.setattr(lookups, "async_task", lambda *arguments: tasks.append(arguments))
    text = "https://a.org/ok https://a.org/gone https://a.org/robots"
    with django_capture_on_commit_callbacks(execute=True):
        post = write(acme, bob, channel, text, link={"url": "https://nobody.org"})
    assert len(tasks) == 1 and not asked
    assert "link_broken" not in findings(post)  # nobody knows yet, and nothing waits

    assert lookups.look_up(SocialPost.objects.get(pk=post.pk), post.latest_revision_id) == 4
    assert lookups.look_up(SocialPost.objects.get(pk=post.pk), post.latest_revision_id) == 0
    assert len(asked) == 4
    assert {lookup.url for lookup in LinkLookup.objects.all() if lookup.is_broken} == {
        "https://a.org/gone",
        "https://nobody.org",
    }
    broken = findings(post)["link_broken"]
    assert not broken.blocking


def test_a_post_that_was_saved_again_meanwhile_is_left_to_its_own_task(acme, bob, channel):
    post = write(acme, bob, channel, "https://a.org/typed-half")
    assert lookups.look_up(SocialPost.objects.get(pk=post.pk), post.latest_revision_id - 1) == 0


def test_tags_do_not_hide_that_a_link_is_broken(acme, bob, channel):
    post = create_draft(
        organization=acme,
        user=bob,
        segments=[segment("Look", link={"url": "https://a.org/gone?a=b"})],
        channels=[channel],
        link_tags="utm_source={network}",
    )
    from django.utils import timezone

    LinkLookup.objects.create(
        organization=acme,
        url="https://a.org/gone?a=b",
        digest=lookups._digest("https://a.org/gone?a=b"),
        status=404,
        looked_up_at=timezone.now(),
    )
    assert "link_broken" in findings(post)


def test_an_admin_says_what_is_asked_and_a_member_may_not(client, acme, adam, bob):
    client.force_login(bob)
    assert client.post(reverse("guidelines"), {"partners": "x"}).status_code in (302, 403)
    assert not Guidelines.objects.exists()
    client.force_login(adam)
    client.post(reverse("guidelines"), {"partners": "Globex", "ai_label": "", "most_hashtags": "3", "blocks": "on"})
    assert Guidelines.objects.get(organization=acme).most_hashtags == 3
    assert "Globex" in client.get(reverse("guidelines")).content.decode()
    changed = "Changed the guidelines: paid partners: – → Globex; most hashtags in a post: – → 3"
    assert changed in client.get("/admin/organization/log/").content.decode()
