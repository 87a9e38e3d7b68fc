"""An organization's logo, its language and its time zone, in the studio and the API."""

import io
import re
from time import sleep

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from mailer.models import Message
from PIL import Image
from wagtail.images.tests.utils import get_test_image_file

from organizations import configuring, mails, team
from organizations.languages import LANGUAGES
from organizations.models import LibraryImage, Role
from organizations.timezones import names

pytestmark = pytest.mark.django_db

PAGE = "/admin/organization/settings/"
SETTINGS = {"name": "Acme", "timezone": "UTC", "locale": "en"}


@pytest.fixture(autouse=True)
def _own_place(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture(name="logo.png", size=(300, 200)):
    return SimpleUploadedFile(name, get_test_image_file(name, size=size).file.getvalue(), "image/png")


class TestInTheStudio:
    def test_the_logo_is_a_picture_of_the_library_and_shows_in_the_menu(self, client, acme, adam, bob):
        client.force_login(adam)
        client.post(PAGE, {**SETTINGS, "logo_file": picture()})
        acme.refresh_from_db()
        assert (acme.logo.organization, acme.logo.uploaded_by_user) == (acme, adam)
        assert acme.logo.title == "Logo of Acme"
        assert "Changed the settings: logo" in client.get("/admin/organization/log/").content.decode()
        client.force_login(bob)
        html = client.get("/admin/").content.decode()
        address = acme.logo.get_rendition("fill-96x96|format-webp").url
        assert f'url("{address}")' in html
        assert client.get(address).status_code == 200

    def test_another_organization_sees_its_own_or_none(self, client, acme, globex, adam, charlie):
        client.force_login(adam)
        client.post(PAGE, {**SETTINGS, "logo_file": picture()})
        client.force_login(charlie)
        assert "[data-organization] .icon--menuitem" not in client.get("/admin/").content.decode()

    @pytest.mark.parametrize(
        ("file", "told"),
        [
            (SimpleUploadedFile("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "Not a supported image"),
            (SimpleUploadedFile("logo.png", b"<html>no picture</html>"), "Not a valid .png image"),
            (picture(size=(30, 41)), "has too many pixels"),
        ],
        ids=["svg", "no picture", "pixels"],
    )
    def test_what_is_no_fit_picture_is_refused_and_loses_nothing(self, client, acme, adam, settings, file, told):
        settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 1200
        client.force_login(adam)
        html = client.post(PAGE, {**SETTINGS, "name": "Renamed", "logo_file": file}).content.decode()
        assert told in html
        assert 'value="Renamed"' in html
        acme.refresh_from_db()
        assert (acme.name, acme.logo) == ("Acme", None)

    def test_it_is_taken_off_again_and_stays_in_the_library(self, client, acme, adam):
        client.force_login(adam)
        assert "remove_logo" not in client.get(PAGE).content.decode()
        client.post(PAGE, {**SETTINGS, "logo_file": picture()})
        client.post(PAGE, {**SETTINGS, "remove_logo": "on"})
        acme.refresh_from_db()
        assert acme.logo is None
        assert LibraryImage.objects.filter(organization=acme).count() == 1

    def test_a_logo_deleted_in_the_library_is_none(self, client, acme, adam):
        client.force_login(adam)
        client.post(PAGE, {**SETTINGS, "logo_file": picture()})
        client.post(f"/admin/images/{LibraryImage.objects.get().pk}/delete/")
        acme.refresh_from_db()
        assert acme.logo is None
        assert client.get("/admin/").status_code == 200

    def test_a_logo_whose_file_is_lost_closes_no_page(self, client, acme, adam):
        client.force_login(adam)
        client.post(PAGE, {**SETTINGS, "logo_file": picture()})
        picture_of_it = LibraryImage.objects.get()
        picture_of_it.file.storage.delete(picture_of_it.file.name)
        for address in ("/admin/", PAGE):
            assert client.get(address).status_code == 200

    def test_time_zones_are_suggested_by_any_part_of_their_name(self, client, acme, adam):
        client.force_login(adam)
        html = client.get(PAGE).content.decode()
        assert '<option value="Asia/Kolkata">UTC+05:30</option>' in html
        assert 'list="timezone-zones"' in html
        assert "/static/organizations/timezone.js" in html

    def test_the_language_is_that_of_new_posts(self, client, acme, adam):
        client.force_login(adam)
        client.post(PAGE, {**SETTINGS, "locale": "de"})
        assert '<option value="de" selected>' in client.get("/admin/compose/", follow=True).content.decode()


def test_offered_zones_are_known_and_hold_no_relics():
    assert {"UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Pacific/Auckland"} <= set(names())
    assert not {"Etc/GMT+3", "posixrules", "GMT0"} & set(names())


@pytest.mark.parametrize("language", dict(LANGUAGES))
def test_mails_can_be_written_in_every_language(acme, language, mailoutbox):
    acme.locale = language
    mails.send(acme, "organizations/mail/second_factor.txt", to=["bob@example.test"], by="Alice")
    assert "Acme" in mailoutbox[0].subject
    assert mails.day(acme, acme.created_at)


class TestInMails:
    def test_the_logo_lies_in_the_mail_and_its_name_is_read_without(self, acme, alice, mailoutbox):
        acme.name = "Acme <& Sons>"
        acme.save()
        configuring.set_logo(acme, file=picture(), user=alice)
        team.invite(acme, email="dana@example.test", role=Role.MEMBER, user=alice)
        whole = mailoutbox[0].message()
        assert whole.get_content_type() == "multipart/related"
        both, logo = whole.get_payload()
        assert [part.get_content_type() for part in both.get_payload()] == ["text/plain", "text/html"]
        page = both.get_payload()[1].get_payload(decode=True).decode()
        assert re.search('<img src="cid:logo" alt="Acme &lt;&amp; Sons&gt;"', page)
        link = re.search(r"http\S+/invitations/[^/]+/", mailoutbox[0].body)[0]
        assert f'href="{link}"' in page and "-- " not in page
        assert (logo["Content-ID"], logo.get_content_disposition()) == ("<logo>", "inline")
        assert Image.open(io.BytesIO(logo.get_payload(decode=True))).format == "PNG"

    def test_without_one_or_with_its_file_lost_the_page_is_whole(self, acme, alice, mailoutbox):
        mails.send(acme, "organizations/mail/second_factor.txt", to=["bob@example.test"], by="Alice")
        configuring.set_logo(acme, file=picture(), user=alice)
        acme.logo.file.storage.delete(acme.logo.file.name)
        mails.send(acme, "organizations/mail/second_factor.txt", to=["bob@example.test"], by="Alice")
        for mail in mailoutbox:
            page = mail.alternatives[0].content
            assert "cid:" not in page and "Acme · Content Studio" in page and not mail.attachments

    def test_is_fetched_once_for_all_and_a_store_that_hangs_is_not_asked_again_for_a_while(
        self, acme, alice, mailoutbox, monkeypatch
    ):
        configuring.set_logo(acme, file=picture(), user=alice)
        everybody = [f"{name}@example.test" for name in ("ann", "ben", "cleo")]
        asked, fetch, hangs = [], LibraryImage.get_rendition, False

        def get_rendition(image, filter):
            asked.append(filter)
            if hangs:
                sleep(0.02)
                raise OSError
            return fetch(image, filter)

        monkeypatch.setattr(LibraryImage, "get_rendition", get_rendition)
        monkeypatch.setattr(mails, "SLOW", 0.01)
        cache.delete(mails.STORE_HANGS)
        mails.send(acme, "organizations/mail/second_factor.txt", to=everybody, by="Alice")
        assert (len(asked), [len(mail.attachments) for mail in mailoutbox]) == (1, [1, 1, 1])
        hangs = True
        for _time in range(2):
            mails.send(acme, "organizations/mail/second_factor.txt", to=everybody, by="Alice")
        cache.delete(mails.STORE_HANGS)
        assert (len(asked), [len(mail.attachments) for mail in mailoutbox[3:]]) == (2, [0] * 6)

    def test_waits_in_the_queue_with_the_mail(self, acme, alice, settings):
        settings.EMAIL_BACKEND = "organizations.mailing.QueuedBackend"
        configuring.set_logo(acme, file=picture(), user=alice)
        mails.send(acme, "organizations/mail/second_factor.txt", to=["bob@example.test"], by="Alice")
        assert b"Content-ID: <logo>" in Message.objects.get().email.message().as_bytes()


class TestInTheApi:
    def test_it_says_and_sets_them(self, api_of, acme, adam):
        address = f"/api/v1/organizations/{acme.pk}/"
        answer = api_of(adam).patch(address, {"locale": "fr", "timezone": "Europe/Paris"}).json()
        assert (answer["locale"], answer["timezone"], answer["logo"]) == ("fr", "Europe/Paris", None)
        refused = api_of(adam).patch(address, {"locale": "tlh"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "locale")

    def test_a_logo_is_uploaded_and_taken_off(self, api_of, client, acme, adam):
        address = f"/api/v1/organizations/{acme.pk}/logo/"
        answer = api_of(adam).put(address, {"file": picture()}, format="multipart")
        assert answer.status_code == 200, answer.content
        fetched = client.get(answer.json()["logo"].partition("testserver")[2])
        assert (fetched.status_code, fetched["Content-Type"]) == (200, "image/png")
        assert api_of(adam).delete(address).status_code == 204
        assert api_of(adam).get(f"/api/v1/organizations/{acme.pk}/").json()["logo"] is None

    def test_what_is_no_picture_is_refused(self, api_of, acme, adam):
        file = SimpleUploadedFile("logo.png", b"<html>no picture</html>", "image/png")
        answer = api_of(adam).put(f"/api/v1/organizations/{acme.pk}/logo/", {"file": file}, format="multipart")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "file")

    @pytest.mark.parametrize(("who", "status"), [("bob", 403), ("charlie", 404)])
    def test_members_and_outsiders_may_not(self, api_of, acme, globex, request, who, status):
        address = f"/api/v1/organizations/{acme.pk}/logo/"
        api = api_of(request.getfixturevalue(who))
        assert api.put(address, {"file": picture()}, format="multipart").status_code == status
        assert api.delete(address).status_code == status
