import csv
import io

import pytest
from wagtail.log_actions import log

from organizations import audit, team
from organizations.access import working_for
from organizations.models import BasePage, Role

pytestmark = pytest.mark.django_db


def test_admins_change_the_settings_and_the_log_says_so(client, acme, adam):
    client.force_login(adam)
    client.post("/admin/organization/settings/", {"name": "Acme & Co", "timezone": "Europe/Berlin", "locale": "de"})
    acme.refresh_from_db()
    assert (acme.name, acme.timezone, acme.locale, acme.approval_required) == (
        "Acme & Co",
        "Europe/Berlin",
        "de",
        False,
    )
    html = client.get("/admin/organization/log/").content.decode()
    assert "Changed the settings: name, timezone, locale, approval_required" in html
    assert "Adam" in html
    assert "127.0.0.1" in html


def test_an_unknown_time_zone_is_refused(client, acme, adam):
    client.force_login(adam)
    html = client.post(
        "/admin/organization/settings/", {"name": "Acme", "timezone": "Mars/Base", "locale": "en"}
    ).content.decode()
    assert "no known time zone" in html


@pytest.mark.parametrize("page", ["settings", "log", "keys"])
@pytest.mark.parametrize("who", ["bob", "vera"])
def test_members_and_viewers_see_none_of_it(client, acme, who, page, request):
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"/admin/organization/{page}/").status_code in {302, 403}


def test_the_log_is_the_organizations_own(client, acme, globex, alice, charlie, bob):
    client.force_login(charlie)
    client.post("/admin/organization/settings/", {"name": "Globex II", "timezone": "UTC", "locale": "en"})
    client.force_login(alice)
    client.post(f"/admin/team/{acme.memberships.get(user=bob).pk}/role/", {"role": "admin"})
    html = client.get("/admin/organization/log/").content.decode()
    assert "Changed bob@example.test from member to admin" in html
    assert "Globex" not in html


def test_what_happened_to_a_page_that_is_gone_stays_in_the_log(client, acme, alice):
    from wagtail.models import PageLogEntry

    client.force_login(alice)
    client.post("/admin/organization/settings/", {"name": "Acme", "timezone": "UTC", "locale": "en"})
    workspace = BasePage.objects.get(organization=acme)
    with working_for(acme):
        PageLogEntry.objects.log_action(workspace, "wagtail.delete", user=alice)
        PageLogEntry.objects.update(page_id=99_999_999, label="The lost post")
    assert "The lost post" in client.get("/admin/organization/log/").content.decode()


def test_one_filters_the_log_by_person_and_day(acme, alice, adam):
    with working_for(acme):
        team.invite(acme, email="dana@example.test", role=Role.VIEWER, user=alice)
        team.invite(acme, email="eve@example.test", role=Role.VIEWER, user=adam)
    assert [each.person for each in audit.entries(acme, person=adam)] == ["Adam"]
    assert len(audit.entries(acme, since=acme.created_at.date())) >= 2
    assert not audit.entries(acme, until=acme.created_at.date().replace(year=2020))


def test_its_queries_do_not_grow_with_the_entries(acme, alice, django_assert_num_queries):
    with working_for(acme):
        for number in range(20):
            log(acme, "organizations.create_key", user=alice, data={"name": str(number)})
    with django_assert_num_queries(2):
        audit.entries(acme)


def test_what_the_filter_finds_is_exported_whole_and_no_spreadsheet_runs_it(client, acme, alice, adam):
    with working_for(acme):
        for number in range(7):
            log(acme, "organizations.create_key", user=alice, data={"name": f"{number}"})
        team.invite(acme, email="dana@example.test", role=Role.VIEWER, user=adam)
        acme.name = "=HYPERLINK(1)"
        log(acme, "organizations.revoke_key", user=alice, data={"name": "Old"})
    everything = list(audit.everything(acme, at_once=3))
    assert everything == audit.entries(acme, count=1000)
    client.force_login(alice)
    page = client.get("/admin/organization/log/?action=organizations.create_key").content.decode()
    assert page.count("<tr><td>") == 7
    assert 'href="/admin/organization/log/export.csv?action=organizations.create_key"' in page
    assert (
        read(client.get("/admin/organization/log/export.csv?action=organizations.create_key"))
        == [{"person": "Alice", "action": "organizations.create_key"}] * 7
    )
    answer = client.get("/admin/organization/log/export.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == len(everything) + 2
    assert [row["description"] for row in rows[:2]] == ["Export the log"] * 2  # this one, and the one before
    assert {row["subject"][:2] for row in rows if row["action"] == "organizations.revoke_key"} == {"'="}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def read(answer) -> list[dict]:
    rows = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    return [{name: row[name] for name in ("person", "action")} for row in rows]


def test_who_takes_the_log_along_is_in_it_with_what_they_took(client, acme, alice, adam):
    client.force_login(adam)
    read(client.get(f"/admin/organization/log/export.csv?person={alice.pk}&since=2026-05-01"))
    client.force_login(alice)
    page = client.get("/admin/organization/log/").content.decode()
    assert "Exported the log as CSV (Person: Alice, From: 2026-05-01)" in page


def test_people_who_have_left_can_be_asked_for_too(client, acme, globex, alice, bob, charlie):
    client.force_login(bob)
    client.post("/admin/team/leave/")
    client.force_login(alice)
    page = client.get("/admin/organization/log/").content.decode()
    assert f'<option value="{bob.pk}">Bob (left)</option>' in page and str(charlie.pk) not in page
    page = client.get(f"/admin/organization/log/?person={bob.pk}").content.decode()
    assert page.count("<tr><td>") == 1 and "Bob@example.test left" in page
    assert "Select a valid choice" in client.get(f"/admin/organization/log/?person={charlie.pk}").content.decode()


def test_days_in_the_wrong_order_are_said_to_be(client, acme, alice):
    client.force_login(alice)
    page = client.get("/admin/organization/log/?since=2026-05-02&until=2026-05-01").content.decode()
    assert "This is before the first day." in page
    answer = client.get("/admin/organization/log/export.csv?since=2026-05-02&until=2026-05-01")
    assert answer["Location"] == "/admin/organization/log/?since=2026-05-02&until=2026-05-01"
