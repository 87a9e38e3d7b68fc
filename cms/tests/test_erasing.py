"""An organization with something in every room is erased, and nothing of it is left: no row, no word, no file."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone
from wagtail.models import Collection, ReferenceIndex

from organizations import deleting, erasing
from organizations.belongings import belongings_of
from organizations.factories import MembershipFactory
from organizations.models import BasePage, Organization, Role, User
from organizations.policies import tables
from organizations.tasks import erase_what_is_due
from publishing.models import Delivery

from . import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return worlds.build("Acme", domain="acme.test"), worlds.build(worlds.MARK, domain=f"{worlds.MARK.lower()}.test")


def words_everywhere(word: str) -> set[str]:
    """The tables in which some row holds `word`, anywhere."""
    existing = set(connection.introspection.table_names())
    found = set()
    with connection.cursor() as cursor:
        for table in sorted(set(tables()) & existing):
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table} t WHERE t::text ILIKE %s)", [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.add(table)
    return found


# Somebody who left it before keeps the account, which is theirs to end.
ACCOUNT = {"account_emailaddress", "mfa_authenticator", "organizations_user"}


def everything_of(organization) -> dict:
    """Its rows alone: of the tree's roots, which are everybody's, the number of children changes."""
    collections = Collection.objects.filter(path__startswith=organization.collection.path)
    pages = BasePage.objects.filter(organization=organization)
    references = ReferenceIndex.objects.filter(object_id__in=map(str, pages.values_list("pk", flat=True)))
    return worlds.everything_of(organization) | {
        "organizations_basepage": list(pages.order_by("pk").values()),
        "wagtailcore_collection": list(collections.values()),
        "wagtailcore_referenceindex": list(references.values()),
    }


def everything_in(place) -> list:
    return [path for path in place.rglob("*") if path.is_file()]


def long_ago(organization):
    Organization.objects.filter(pk=organization.pk).update(deleted_at=timezone.now() - Organization.KEPT_FOR)


def test_nothing_is_left_of_it_and_nothing_else_is_touched(both, settings):
    kept, gone = both
    before = everything_of(kept.organization)
    files_before = everything_in(settings.MEDIA_ROOT)
    deleting.delete_organization(gone.organization, name=worlds.MARK, user=gone.people["owner"])
    long_ago(gone.organization)
    roots = BasePage.objects.get(depth=1).numchild

    assert erase_what_is_due() == 1

    assert words_everywhere(worlds.MARK) == ACCOUNT
    assert words_everywhere(str(gone.organization.pk)) == set()
    for person in gone.people.values():
        assert words_everywhere(str(person.pk)) == set()
    assert everything_of(kept.organization) == before
    left = everything_in(settings.MEDIA_ROOT)
    assert left
    assert len(left) == len(files_before) / 2
    assert not any(worlds.MARK.lower() in path.name.lower() for path in left)
    assert BasePage.objects.get(depth=1).numchild == roots - 1
    assert not BasePage.find_problems()[0]


def test_it_is_erased_on_the_thirtieth_day_and_not_before(both):
    _kept, gone = both
    deleting.delete_organization(gone.organization, name=worlds.MARK, user=gone.people["owner"])
    assert erase_what_is_due() == 0
    Organization.objects.filter(pk=gone.organization.pk).update(
        deleted_at=timezone.now() - timedelta(days=29, hours=23)
    )
    assert erase_what_is_due() == 0
    long_ago(gone.organization)
    assert erase_what_is_due() == 1
    assert erase_what_is_due() == 0


def test_what_is_brought_back_meanwhile_is_left_alone(both, settings):
    _kept, gone = both
    erasing.erase(gone.organization)
    assert Organization.objects.filter(pk=gone.organization.pk).exists()
    assert any(worlds.MARK.lower() in path.name.lower() for path in everything_in(settings.MEDIA_ROOT))


def test_a_person_of_another_organization_keeps_the_account_and_forgets_the_choice(both):
    kept, gone = both
    member = gone.people["member"]
    MembershipFactory(organization=kept.organization, user=member, role=Role.VIEWER)
    session = SessionStore()
    session["organization_id"] = str(gone.organization.pk)
    session.save()
    UserSession.objects.create(user=member, session_key=session.session_key, ip="127.0.0.1", user_agent="a browser")
    deleting.delete_organization(gone.organization, name=worlds.MARK, user=gone.people["owner"])
    long_ago(gone.organization)
    erase_what_is_due()
    assert set(User.objects.filter(pk__in=[each.pk for each in gone.people.values()])) == {member}
    assert member.groups.count() == 1
    assert "organization_id" not in SessionStore(session_key=session.session_key)


def test_a_stopped_erasing_goes_on_with_the_next_run(both, monkeypatch, settings):
    _kept, gone = both
    deleting.delete_organization(gone.organization, name=worlds.MARK, user=gone.people["owner"])
    long_ago(gone.organization)
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_remove_rows", lambda organization: 1 / 0)
        assert erase_what_is_due() == 0
    assert erase_what_is_due() == 1
    assert words_everywhere(worlds.MARK) == ACCOUNT


def test_what_belongs_to_it_is_what_its_wall_shows_of_it(both):
    """Two ways to say whose a row is must agree."""
    _kept, gone = both
    empty = worlds.rows_of(None)
    with belongings_of(gone.organization) as found:
        for table, count in worlds.rows_of(gone.organization).items():
            if table in SEEN_NOT_OWNED:
                continue
            assert found.places().get(table, 0) == count - empty[table], table


# People are seen by their colleagues and belong to themselves; what refers to what, media's too, is seen by all.
SEEN_NOT_OWNED = {"organizations_user", "wagtailusers_userprofile", "wagtailcore_referenceindex"}


def test_what_it_had_planned_is_called_off_and_stays_so_after_it_is_back(both):
    kept, gone = both
    delivery = Delivery.objects.get(organization=gone.organization)
    owner = gone.people["owner"]
    deleting.delete_organization(gone.organization, name=worlds.MARK, user=owner)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.news_pending) == (Delivery.State.CANCELLED, True)
    assert Delivery.objects.get(organization=kept.organization).state == Delivery.State.SCHEDULED
    assert gone.organization.publishing_policy.suspended_at
    deleting.restore_organization(gone.organization, user=owner)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.CANCELLED
    gone.organization.publishing_policy.refresh_from_db()
    assert gone.organization.publishing_policy.suspended_at is None
