import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from rest_framework.test import APIClient

from organizations import exporting, keys
from organizations.access import working_for
from organizations.models import Export, LibraryDocument
from organizations.problems import Conflict
from organizations.tasks import export, forget_old_exports
from organizations.tests.test_deleting import api, queued  # noqa: F401  a fixture
from publishing.factories import ChannelFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/organization/exports/"


@pytest.fixture
def archive(acme, alice):
    """Alice has an archive of Acme, which has a channel with a token, a key and a document."""
    with working_for(acme):
        ChannelFactory(organization=acme, name="Acme on Mastodon", credentials={"access_token": "hush-hush"})
        LibraryDocument.objects.create(
            title="Price list", file=ContentFile(b"Kettle 49", "prices.txt"), collection=acme.collection
        )
    _key, made = keys.create_key(acme, name="Zapier", scopes=["read"], user=alice)
    made_of = exporting.request_export(acme, user=alice)
    export(str(made_of.pk))
    made_of.refresh_from_db()
    made_of.secrets = [made, "hush-hush", alice.password]
    return made_of


def content_of(made) -> zipfile.ZipFile:
    with made.file.open() as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def test_the_archive_holds_everything_of_the_organization_and_says_what_is_what(archive, globex, charlie):
    opened = content_of(archive)
    names = opened.namelist()
    (channel,) = json.loads(opened.read("data/publishing.channel.json"))
    assert channel["name"] == "Acme on Mastodon"
    assert "credentials" not in channel
    (workspace,) = json.loads(opened.read("data/content_studio.workspace.json"))
    assert (workspace["title"], workspace["organization_id"]) == ("Acme", str(archive.organization_id))
    assert [each["email"] for each in json.loads(opened.read("data/people.json"))] == ["alice@example.test"]
    (document,) = [name for name in names if name.startswith("media/documents/")]
    assert opened.read(document) == b"Kettle 49"
    readme = opened.read("README.md").decode()
    assert "| `data/publishing.channel.json` | 1 | channels |" in readme
    assert "1 files as they were uploaded" in readme
    assert "data/organizations.basepage.json" not in names


def test_it_holds_no_secret_and_nothing_of_others(acme, alice, globex, charlie, archive):
    opened = content_of(archive)
    whole = b"".join(opened.read(name) for name in opened.namelist())
    for secret in [*archive.secrets, "pbkdf2", "secret_digest", "md5$"]:
        assert secret.encode() not in whole
    assert b"Globex" not in whole
    assert b"charlie" not in whole


def test_no_column_that_sounds_like_a_secret_goes_out():
    from organizations.policies import tables

    secrets = {f"{table}.{column}" for table, model in tables().items() for column in exporting.secret_columns(model)}
    assert {
        "organizations_apikey.secret_digest",
        "organizations_invitation.secret_digest",
        "organizations_user.password",
        "publishing_channel.credentials",
    } <= secrets
    assert not {"billing_usageentry.tokens", "billing_usageentry.provider_tokens"} & secrets


def test_progress_is_seen_and_whoever_asked_is_told(
    acme,
    alice,
    client,
    queued,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    client.force_login(alice)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(PAGE)
    assert b"<progress" in client.get(PAGE).content
    (task,) = queued
    export(*task[1:])
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == (
        ["alice@example.test"],
        "The data of Acme can be downloaded",
    )
    assert b"Download" in client.get(PAGE).content


def test_one_archive_is_made_at_a_time_and_by_one_worker(acme, alice):
    first = exporting.request_export(acme, user=alice)
    with pytest.raises(Conflict):
        exporting.request_export(acme, user=alice)
    export(str(first.pk))
    first.refresh_from_db()
    file = first.file.name
    export(str(first.pk))  # handed out twice
    first.refresh_from_db()
    assert (first.state, first.file.name) == (Export.State.READY, file)
    exporting.request_export(acme, user=alice)


def test_a_download_needs_a_signed_link_which_ends_and_is_logged(client, acme, alice, archive, monkeypatch):
    client.force_login(alice)
    link = client.post(f"{PAGE}{archive.pk}/link/")["Location"].removeprefix("http://localhost:8000")
    client.logout()
    answer = client.get(link)
    assert answer["Content-Disposition"].startswith('attachment; filename="acme-')
    assert zipfile.is_zipfile(io.BytesIO(b"".join(answer.streaming_content)))
    client.force_login(alice)
    assert "Downloaded an archive of all data" in client.get("/admin/organization/log/").content.decode()
    assert client.get(link.replace("/exports/", "/exports/x")).status_code == 404
    later = timezone.now().timestamp() + exporting.LINK_SECONDS + 5
    monkeypatch.setattr("time.time", lambda: later)
    assert client.get(link).status_code == 404


def test_a_link_ends_with_the_role_that_it_was_given_to(client, acme, alice, bob, archive):
    link = exporting.signed_link(archive, user=alice).removeprefix("http://localhost:8000")
    acme.memberships.filter(user=alice).update(role="admin")
    assert client.get(link).status_code == 404


def test_archives_are_gone_after_a_week(archive):
    assert forget_old_exports() == 0
    file = archive.file.name
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not Export.objects.get().is_ready()
    assert forget_old_exports() == 1
    assert not default_storage.exists(file)
    assert Export.objects.get().state == Export.State.EXPIRED


def test_what_a_stopped_worker_left_is_given_up(acme, alice):
    exporting.request_export(acme, user=alice)
    Export.objects.update(state=Export.State.RUNNING, created_at=timezone.now() - timedelta(hours=3))
    forget_old_exports()
    assert Export.objects.get().state == Export.State.FAILED


def test_a_missing_picture_does_not_stop_the_archive(acme, alice):
    with working_for(acme):
        document = LibraryDocument.objects.create(
            title="Lost", file=ContentFile(b"x", "lost.txt"), collection=acme.collection
        )
    default_storage.delete(document.file.name)
    made = exporting.request_export(acme, user=alice)
    export(str(made.pk))
    made.refresh_from_db()
    assert "their file was not found" in content_of(made).read("README.md").decode()


def test_it_works_through_the_api_alike(acme, alice, queued, django_capture_on_commit_callbacks):  # noqa: F811
    client: APIClient = api(alice)
    place = f"/api/v1/organizations/{acme.pk}/exports/"
    with django_capture_on_commit_callbacks(execute=True):
        made = client.post(place)
    assert (made.status_code, made.json()["state"]) == (202, "waiting")
    assert client.post(place).status_code == 409
    one = f"{place}{made.json()['id']}/"
    assert client.post(f"{one}link/").status_code == 409
    export(made.json()["id"])
    assert client.get(one).json()["percent"] == 100
    assert [each["id"] for each in client.get(place).json()] == [made.json()["id"]]
    link = client.post(f"{one}link/").json()["url"].removeprefix("http://localhost:8000")
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("who", ["adam", "bob", "vera"])
def test_nobody_but_an_owner_has_one(client, acme, archive, who, request):
    person = request.getfixturevalue(who)
    client.force_login(person)
    for address in (PAGE, f"{PAGE}{archive.pk}/link/"):
        assert client.post(address).status_code in {302, 403}
    place = f"/api/v1/organizations/{acme.pk}/exports/"
    for method, address in (("get", place), ("post", place), ("post", f"{place}{archive.pk}/link/")):
        assert getattr(api(person), method)(address).status_code == 403
    assert Export.objects.count() == 1
