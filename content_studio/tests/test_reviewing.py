import pytest
from wagtail.models import TaskState

from content_studio import reviewing
from content_studio.drafting import create_draft, revise, segment
from content_studio.models import ApprovalTask, SocialPost
from content_studio.problems import NothingToPublish, RevisionChanged
from organizations.problems import Conflict, Forbidden, Problem

pytestmark = pytest.mark.django_db
State = SocialPost.State


@pytest.fixture
def post(acme, bob):
    return create_draft(organization=acme, user=bob, segments=[segment("Our new kettle boils in a minute.")])


def fresh(post):
    return SocialPost.objects.get(pk=post.pk)


def test_a_new_post_is_a_draft_named_by_its_first_words(post):
    assert fresh(post).state == State.DRAFT
    assert fresh(post).title == "Our new kettle boils in a minute."


def test_a_member_submits_and_an_admin_approves_exactly_what_was_submitted(post, bob, adam):
    reviewing.submit_post(post, user=bob)
    assert fresh(post).state == State.IN_REVIEW
    reviewing.approve_post(post, user=adam)
    post = fresh(post)
    assert post.state == State.APPROVED
    assert post.approved_revision_id == post.latest_revision_id
    assert post.approved_by == adam
    assert not post.live


def test_an_empty_post_cannot_be_submitted(acme, bob):
    post = create_draft(organization=acme, user=bob, segments=[segment("   ")])
    with pytest.raises(NothingToPublish):
        reviewing.submit_post(post, user=bob)


def test_a_post_in_review_cannot_be_submitted_twice(post, bob):
    reviewing.submit_post(post, user=bob)
    with pytest.raises(Conflict):
        reviewing.submit_post(post, user=bob)


def test_a_viewer_cannot_submit_and_an_outsider_cannot_approve(post, bob, vera, charlie):
    with pytest.raises(Forbidden):
        reviewing.submit_post(post, user=vera)
    reviewing.submit_post(post, user=bob)
    for person in (vera, charlie):
        with pytest.raises(Forbidden):
            reviewing.approve_post(post, user=person)
    assert fresh(post).state == State.IN_REVIEW


def test_a_member_cannot_approve_own_post(post, bob):
    reviewing.submit_post(post, user=bob)
    with pytest.raises(Forbidden):
        reviewing.approve_post(post, user=bob)


def test_changes_are_asked_for_with_a_comment_and_the_post_can_come_back(post, bob, adam):
    reviewing.submit_post(post, user=bob)
    with pytest.raises(Problem):
        reviewing.request_changes(post, user=adam, comment="  ")
    reviewing.request_changes(post, user=adam, comment="Name the price.")
    assert fresh(post).state == State.CHANGES_REQUESTED
    revise(post, user=bob, segments=[segment("Our new kettle: 49 euro.")])
    assert fresh(post).state == State.CHANGES_REQUESTED
    reviewing.submit_post(post, user=bob)
    assert fresh(post).state == State.IN_REVIEW
    reviewing.approve_post(post, user=adam)
    post = fresh(post)
    assert post.approved_revision.as_object().texts == ["Our new kettle: 49 euro."]


def test_editing_after_approval_keeps_the_approval_of_the_old_revision_and_starts_a_draft(post, bob, adam):
    reviewing.submit_post(post, user=bob)
    reviewing.approve_post(post, user=adam)
    approved = fresh(post).approved_revision_id
    revise(post, user=bob, segments=[segment("Our new kettle never boils.")])
    post = fresh(post)
    assert post.state == State.DRAFT
    assert post.approved_revision_id == approved != post.latest_revision_id
    assert post.approved_revision.as_object().texts == ["Our new kettle boils in a minute."]


def test_what_was_edited_during_review_is_what_gets_approved(post, bob, adam):
    reviewing.submit_post(post, user=bob)
    revise(post, user=adam, segments=[segment("Our new kettle boils in 55 seconds.")])
    reviewing.approve_post(post, user=adam)
    post = fresh(post)
    assert post.approved_revision_id == post.latest_revision_id
    assert post.approved_revision.as_object().texts == ["Our new kettle boils in 55 seconds."]


def test_a_newer_revision_than_the_approver_saw_is_not_approved_unseen(post, bob, adam, alice):
    reviewing.submit_post(post, user=bob)
    seen = fresh(post).latest_revision_id
    revise(post, user=alice, segments=[segment("Something else.")])
    with pytest.raises(RevisionChanged):
        reviewing.approve_post(post, user=adam, revision_id=seen)
    assert fresh(post).state == State.IN_REVIEW


def test_autosave_cannot_overwrite_a_revision_that_is_reviewed_or_approved(post, bob, adam):
    reviewing.submit_post(post, user=bob)
    reviewed = fresh(post).latest_revision
    content = fresh(post).get_latest_revision_as_object()
    content.title = "Changed behind the reviewer's back"
    written = content.save_revision(user=bob, overwrite_revision=reviewed)
    assert written.pk != reviewed.pk
    reviewed.refresh_from_db()
    assert reviewed.content["title"] == "Our new kettle boils in a minute."


def test_autosave_still_overwrites_a_plain_draft(post, bob):
    draft = fresh(post).latest_revision
    content = fresh(post).get_latest_revision_as_object()
    assert content.save_revision(user=bob, overwrite_revision=draft).pk == draft.pk


def test_the_author_takes_a_post_back_from_review(post, bob):
    reviewing.submit_post(post, user=bob)
    reviewing.withdraw_post(post, user=bob)
    assert fresh(post).state == State.DRAFT


def test_where_everybody_has_to_approve_the_last_one_decides(post, acme, alice, adam, bob):
    ApprovalTask.objects.filter(organization=acme).update(needs_all=True)
    reviewing.submit_post(post, user=bob)
    reviewing.approve_post(post, user=adam)
    assert fresh(post).state == State.IN_REVIEW
    reviewing.approve_post(post, user=alice)
    assert fresh(post).state == State.APPROVED


def test_an_approval_of_an_older_revision_does_not_count_where_everybody_has_to_approve(post, acme, alice, adam, bob):
    ApprovalTask.objects.filter(organization=acme).update(needs_all=True)
    reviewing.submit_post(post, user=bob)
    reviewing.approve_post(post, user=adam)
    revise(post, user=alice, segments=[segment("Not what Adam saw.")])
    reviewing.approve_post(post, user=alice)
    assert fresh(post).state == State.IN_REVIEW


def test_nobody_approves_own_posts_where_the_organization_forbids_it(acme, adam, alice):
    ApprovalTask.objects.filter(organization=acme).update(own_posts=False)
    post = create_draft(organization=acme, user=adam, segments=[segment("Mine.")])
    reviewing.submit_post(post, user=adam)
    with pytest.raises(Forbidden):
        reviewing.approve_post(post, user=adam)
    reviewing.approve_post(post, user=alice)
    assert fresh(post).state == State.APPROVED


def test_only_named_people_approve_where_people_are_named(post, acme, alice, adam, bob):
    ApprovalTask.objects.get(organization=acme).approvers.set([alice])
    reviewing.submit_post(post, user=bob)
    with pytest.raises(Forbidden):
        reviewing.approve_post(post, user=adam)
    reviewing.approve_post(post, user=alice)
    assert fresh(post).state == State.APPROVED


def test_a_comment_of_the_approver_is_kept(post, bob, adam):
    reviewing.submit_post(post, user=bob)
    reviewing.approve_post(post, user=adam, comment="Lovely.")
    assert TaskState.objects.get().comment == "Lovely."


def test_an_editor_that_was_open_during_the_approval_does_not_undo_it(post, bob, adam):
    reviewing.submit_post(post, user=bob)
    opened_before = SocialPost.objects.get(pk=post.pk).get_latest_revision_as_object()
    reviewing.approve_post(post, user=adam)
    opened_before.title = "Typed meanwhile"
    opened_before.save()
    opened_before.save_revision(user=bob)
    saved = fresh(post)
    assert saved.title == "Typed meanwhile"
    assert saved.approved_by == adam
    assert saved.approved_revision_id != saved.latest_revision_id
    assert saved.state == State.DRAFT
