"""Posts that begin at the same moment each get a place of their own in the tree."""

import threading

import pytest
from django.db import connection, transaction

from content_studio.drafting import create_draft, segment
from content_studio.models import SocialPost, Workspace
from organizations.models import BasePage, Membership, Organization, Role, User


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """An organization with a workspace and a writer that other threads see; removed with all that they wrote."""
    with django_db_blocker.unblock():
        organization = Organization.objects.create(name="At once", slug="at-once")
        writer = User.objects.create_user("writer-at-once@example.test")
        Membership.objects.create(organization=organization, user=writer, role=Role.MEMBER)
        workspace = Workspace(title="At once", slug="at-once", organization=organization, live=False)
        BasePage.objects.get(depth=1).add_child(instance=workspace)
        try:
            yield organization, writer
        finally:
            with transaction.atomic():
                Workspace.objects.get(pk=workspace.pk).delete()
            writer.delete()
            organization.delete()


def test_posts_that_begin_at_the_same_moment_get_places_of_their_own(committed):
    organization, writer = committed
    errors = []

    def write():
        try:
            for _number in range(5):
                create_draft(organization=organization, user=writer, segments=[segment("Hello")])
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert SocialPost.objects.for_organization(organization).count() == 20
    assert Workspace.objects.get(organization=organization).numchild == 20
    assert BasePage.find_problems() == ([], [], [], [], [])
