"""Members, invitations, keys, settings and the log through the API: the studio's own rules, for whoever may."""

import pytest
from django.core import mail
from rest_framework.test import APIClient

from organizations import keys
from organizations.factories import MembershipFactory
from organizations.models import ApiKey, Invitation, KeptAnswer, Membership, Organization

pytestmark = pytest.mark.django_db

API = "/api/v1/"


def slug(answer):
    return answer.json()["type"].rsplit("/", 1)[1]


def place_of(person, organization):
    return f"{API}members/{organization.memberships.get(user=person).pk}/"


@pytest.fixture
def tool(acme, adam):
    """A client with a key of Adam's that has every scope."""
    _key, secret = keys.create_key(acme, name="CI", scopes=list(ApiKey.Scope.values), user=adam)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_everybody_sees_who_belongs_to_the_organization(api_of, alice, bob, vera):
    answer = api_of(vera).get(f"{API}members/")

    assert answer.status_code == 200
    members = answer.json()["results"]
    assert [(each["name"], each["role"]) for each in members] == [
        ("Alice", "owner"),
        ("Bob", "member"),
        ("Vera", "viewer"),
    ]
    assert members[0]["person"] == str(alice.pk)


def test_an_admin_changes_roles_below_owner_and_removes_people(api_of, acme, alice, adam, bob):
    client = api_of(adam)

    assert client.patch(place_of(bob, acme), {"role": "viewer"}).json()["role"] == "viewer"
    assert slug(client.patch(place_of(bob, acme), {"role": "owner"})) == "forbidden"
    assert client.delete(place_of(alice, acme)).status_code == 403
    assert client.delete(place_of(bob, acme)).status_code == 204
    assert not Membership.objects.filter(user=bob).exists()


def test_an_owner_hands_over_and_leaves_but_not_the_last_one(api_of, acme, alice, adam):
    client = api_of(alice)

    assert slug(client.post(f"{API}members/leave/")) == "last-owner"
    assert client.post(f"{place_of(adam, acme)}transfer/").json()["role"] == "owner"
    assert client.post(f"{API}members/leave/").status_code == 204
    assert not Membership.objects.filter(user=alice).exists()


def test_somebody_is_invited_asked_again_and_taken_back(api_of, acme, adam, django_capture_on_commit_callbacks):
    client = api_of(adam)
    with django_capture_on_commit_callbacks(execute=True):
        made = client.post(f"{API}invitations/", {"email": "new@example.test", "role": "viewer"})
    assert made.status_code == 201, made.content
    path = f"{API}invitations/{made.json()['id']}/"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{path}resend/").status_code == 200
    assert [each.to for each in mail.outbox] == [["new@example.test"]] * 2
    assert slug(client.post(f"{API}invitations/", {"email": "new@example.test"})) == "conflict"
    assert [each["email"] for each in client.get(f"{API}invitations/").json()["results"]] == ["new@example.test"]

    assert client.delete(path).status_code == 204
    assert client.get(f"{API}invitations/").json()["results"] == []
    assert Invitation.objects.get().revoked_at


def test_a_key_is_made_used_and_revoked_and_its_secret_is_kept_nowhere(api_of, acme, adam):
    client = api_of(adam)
    said = {"name": "CI", "scopes": ["read"]}

    made = client.post(f"{API}api-keys/", said, headers={"Idempotency-Key": "one"})

    secret = made.json()["secret"]
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    again = client.post(f"{API}api-keys/", said, headers={"Idempotency-Key": "one"})
    assert (again.json()["id"], again.json()["secret"]) == (made.json()["id"], None)
    assert secret not in str(KeptAnswer.objects.values())
    tool = APIClient()
    tool.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert tool.get(f"{API}posts/").status_code == 200
    assert secret not in client.get(f"{API}api-keys/").content.decode()
    assert client.delete(f"{API}api-keys/{made.json()['id']}/").status_code == 204
    assert tool.get(f"{API}posts/").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "api-keys/", None),
        ("post", "api-keys/", {"name": "More", "scopes": ["read"]}),
        ("get", "invitations/", None),
        ("post", "invitations/", {"email": "x@example.test"}),
        ("post", "members/leave/", None),
        ("get", "audit-log/", None),
        ("post", "organizations/", {"name": "Mine"}),
    ],
)
def test_no_key_does_what_only_people_may(tool, method, path, body):
    answer = getattr(tool, method)(API + path, body)
    assert answer.status_code == 403, answer.content
    assert slug(answer) in {"scope-missing", "people-only"}


def test_settings_are_read_by_all_and_changed_by_admins_who_are_noted(api_of, acme, adam, vera):
    path = f"{API}organizations/{acme.pk}/"
    assert api_of(vera).get(path).json()["role"] == "viewer"
    assert api_of(vera).patch(path, {"name": "Mine"}).status_code == 403

    changed = api_of(adam).patch(path, {"timezone": "Europe/Berlin", "approval_required": False}).json()

    assert (changed["name"], changed["timezone"], changed["approval_required"]) == ("Acme", "Europe/Berlin", False)
    entry = api_of(adam).get(f"{API}audit-log/?action=organizations.change_settings").json()["results"][0]
    assert (entry["person"], entry["person_name"]) == (str(adam.pk), "Adam")
    assert "timezone, approval_required" in entry["subject"]
    refused = api_of(adam).patch(path, {"timezone": "Mars/Base"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "timezone")


def test_a_person_begins_another_organization_as_its_owner(api_of, bob, acme):
    answer = api_of(bob).post(f"{API}organizations/", {"name": "Side project", "timezone": "Asia/Tokyo"})
    assert answer.status_code == 201, answer.content
    assert answer.json()["role"] == "owner"
    assert Organization.objects.get(pk=answer.json()["id"]).timezone == "Asia/Tokyo"


def test_the_log_comes_in_pages_that_show_every_entry_once(api_of, acme, alice, bob):
    client = api_of(alice)
    for role in ("admin", "member", "viewer", "member", "admin"):
        client.patch(place_of(bob, acme), {"role": role})
    whole = client.get(f"{API}audit-log/?page_size=100").json()["results"]
    seen, address = [], f"{API}audit-log/?page_size=2"
    while address:
        page = client.get(address).json()
        seen += page["results"]
        address = page["next"]
    assert seen == whole
    assert len({each["id"] for each in seen}) == len(seen) >= 5
    since = whole[1]["at"]
    assert [each["id"] for each in client.get(f"{API}audit-log/", {"since": since}).json()["results"]] == [
        each["id"] for each in whole[:2]
    ]
    assert client.get(f"{API}audit-log/?cursor=nonsense").status_code == 404
    assert client.get(f"{API}audit-log/?page_size=1000").status_code == 400


@pytest.mark.parametrize("path", ["invitations/", "api-keys/", "audit-log/"])
def test_members_and_viewers_see_none_of_what_admins_run(api_of, bob, vera, path):
    for person in (bob, vera):
        assert api_of(person).get(API + path).status_code == 403


def test_an_outsider_finds_nothing_of_it(api_of, acme, globex, adam, bob, charlie):
    key, _secret = keys.create_key(acme, name="CI", scopes=["read"], user=adam)
    outsider = api_of(charlie)
    for method, path, body in (
        ("get", f"organizations/{acme.pk}/", None),
        ("patch", f"organizations/{acme.pk}/", {"name": "Mine"}),
        ("get", place_of(bob, acme).removeprefix(API), None),
        ("patch", place_of(bob, acme).removeprefix(API), {"role": "owner"}),
        ("delete", place_of(bob, acme).removeprefix(API), None),
        ("post", f"{place_of(bob, acme).removeprefix(API)}transfer/", None),
        ("delete", f"api-keys/{key.pk}/", None),
        ("get", f"audit-log/?organization_id={acme.pk}", None),
        ("get", f"members/?organization_id={acme.pk}", None),
    ):
        assert getattr(outsider, method)(API + path, body).status_code == 404, (method, path)
    assert [each["name"] for each in outsider.get(f"{API}members/").json()["results"]] == ["Charlie"]


def test_a_person_lists_their_organizations_and_a_key_knows_none_but_its_own(api_of, acme, globex, adam, charlie, tool):
    MembershipFactory(organization=globex, user=adam, role="viewer")
    listed = api_of(adam).get(f"{API}organizations/").json()["results"]
    assert [(each["name"], each["role"]) for each in listed] == [("Acme", "admin"), ("Globex", "viewer")]
    assert [each["name"] for each in api_of(charlie).get(f"{API}organizations/").json()["results"]] == ["Globex"]
    for answer in (tool.get(f"{API}organizations/").json()["results"], tool.get(f"{API}me/").json()["organizations"]):
        assert [each["id"] for each in answer] == [str(acme.pk)]
