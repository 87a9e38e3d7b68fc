import csv
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from content_studio import importing, tables
from content_studio.drafting import revise, segment
from content_studio.exporting import export_posts
from content_studio.factories import make_post
from content_studio.imports import ImportRow, PostImport
from content_studio.labels import Campaign, Label
from content_studio.models import SocialPost
from organizations.models import User
from publishing.factories import ChannelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme, name="Our page", handle="our.page")


@pytest.fixture
def at_once(monkeypatch, django_capture_on_commit_callbacks):
    """Work for the background is done where it is asked for."""

    def run(name, *arguments):
        if name.endswith("run_import"):
            importing.run_import(*arguments)
        else:
            pk, user = arguments
            importing.run_undo(pk, User.objects.get(pk=user))

    monkeypatch.setattr(importing, "async_task", run)
    return lambda: django_capture_on_commit_callbacks(execute=True)


def check(acme, user, text, encoding="utf-8", name="posts.csv"):
    return importing.check_table(acme, user=user, content=text.encode(encoding), name=name)


def rows(post_import):
    return list(post_import.rows.all())


GOOD = "text;channels;planned;timezone;campaign;labels\n"
GOOD += "Grüße aus Köln;Our page;2099-03-29 02:30;Europe/Berlin;Spring;a, b\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_is_understood_in_the_encodings_that_programs_write(acme, bob, channel, encoding):
    (row,) = rows(check(acme, bob, GOOD, encoding))
    assert row.state == ImportRow.State.READY, row.problems
    assert row.values["text"] == "Grüße aus Köln"
    assert any("forward" in note for note in row.notes)  # a clock change is told before anything is made
    assert not SocialPost.objects.exists()


def test_the_dry_run_says_of_each_row_what_is_wrong(acme, bob, channel):
    ChannelFactory(organization=acme, name="Twice")
    ChannelFactory(organization=acme, name="twice")
    table = (
        "Text,Channel,Date,Time,Time zone,URL,Picture,Language\n"
        "Fine,our.page,2099-01-01,09:30,,https://example.com,,de\n"
        ",Nobody's,soon,,Europe/Berlin,ftp:x,Missing,Klingon\n"
        "Late,Twice,2001-01-01 09:00,,,,,\n"
        "Zone,,,,Mars/Olympus,,,\n"
    )
    fine, wrong, late, zone = rows(check(acme, bob, table))
    assert fine.state == ImportRow.State.READY and fine.number == 2
    said = " ".join(wrong.problems)
    for words in ("no text", "Nobody's", "no date and time", "no web address", "Missing", "no language"):
        assert words in said
    assert "already passed" in " ".join(late.problems) and "Several channels" in " ".join(late.problems)
    assert "no known time zone" in " ".join(zone.problems)


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.csv", "empty"),
        (b"title,date\nx,y\n", "a.csv", "no column"),
        (b"text\n", "a.csv", "nothing below"),
        (b"\x00\x01\x02binary\x00", "a.csv", "no text file"),
        (b"not a zip", "a.xlsx", "no XLSX"),
        (b"PK\x03\x04broken", "a.xlsx", "cannot be opened"),
        (b"text\n" + b"x\n" * 1001, "a.csv", "more than 1000 rows"),
        (b"x" * (tables.MOST_BYTES + 1), "a.csv", "larger than"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_reason(acme, bob, content, name, reason):
    with pytest.raises(tables.UnreadableTable, match=reason):
        importing.check_table(acme, user=bob, content=content, name=name)
    assert not PostImport.objects.exists()


def test_an_import_makes_the_posts_once_however_often_it_is_run(acme, bob, channel, at_once):
    made = check(acme, bob, GOOD.replace("Grüße aus Köln", '"One\n---\nTwo"'))
    with at_once():
        importing.start_import(made, user=bob)
    post = SocialPost.objects.get()
    assert post.texts == ["One", "Two"] and list(post.channels.all()) == [channel]
    assert post.campaign.name == "Spring" and {label.name for label in post.labels.all()} == {"a", "b"}
    assert f"{post.planned_local:%Y-%m-%d %H:%M}" == "2099-03-29 02:30"
    PostImport.objects.update(state=PostImport.State.RUNNING)  # as after a worker that was killed at the end
    importing.run_import(str(made.pk))
    assert SocialPost.objects.count() == 1 and Campaign.objects.count() == 1 and Label.objects.count() == 2
    with pytest.raises(Exception, match="not possible now"):
        importing.start_import(made, user=bob)


def test_undoing_removes_what_was_made_and_keeps_what_somebody_edited(acme, bob, channel, at_once):
    made = check(acme, bob, "text\nOne\nTwo\nThree\n")
    with at_once():
        importing.start_import(made, user=bob, submits=True)
    assert {post.state for post in SocialPost.objects.all()} == {SocialPost.State.IN_REVIEW}
    revise(SocialPost.objects.get(title="Two"), user=bob, segments=[segment("Better")])
    with at_once():
        importing.undo_import(made, user=bob)
    assert [row.state for row in rows(made)] == ["undone", "kept", "undone"]
    assert "edited" in rows(made)[1].problems[0]
    assert SocialPost.objects.count() == 1


def test_nothing_that_is_exported_is_a_formula_and_it_comes_back_as_it_was(acme, bob, channel):
    text = '=HYPERLINK("http://evil.example","Click")'
    make_post(acme, user=bob, text=text, channels=[channel], title="+1+1")
    content, _kind = export_posts(SocialPost.objects.all(), kind="csv")
    (row,) = csv.DictReader(io.StringIO(b"".join(content).decode("utf-8-sig")))
    assert row["text"] == "'" + text and row["title"] == "'+1+1"
    book, _kind = export_posts(SocialPost.objects.all(), kind="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"inlineStr", "s"}
    assert sheet["A2"].value == text
    again = importing.check_table(acme, user=bob, content=book, name="posts.xlsx")
    (back,) = rows(again)
    assert back.state == ImportRow.State.READY, back.problems
    content, _kind = export_posts(SocialPost.objects.all(), kind="csv")
    (back,) = rows(importing.check_table(acme, user=bob, content=b"".join(content), name="posts.csv"))
    assert importing.Reader(acme).understand(back.values).texts == [text]


def test_an_export_has_a_fixed_number_of_queries_and_the_filters_of_the_list(
    client, acme, bob, channel, django_assert_max_num_queries
):
    for word in ("kettle", "toaster", "grinder", "scales", "filter"):
        make_post(acme, user=bob, text=f"Our {word}", channels=[channel])
    with django_assert_max_num_queries(4):
        b"".join(export_posts(SocialPost.objects.all(), kind="csv")[0])
    client.force_login(bob)
    answer = client.get(reverse("posts:export", args=["csv"]), {"q": "toaster"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and lines[1].startswith("Our toaster")


def test_the_pages_check_import_and_undo_a_table(client, acme, bob, vera, channel, at_once):
    client.force_login(bob)
    assert client.get(reverse("posts:import_template", args=["xlsx"])).content[:2] == b"PK"
    file = SimpleUploadedFile("posts.csv", b"text,channels\nHello,Our page\nBad,Unknown\n")
    answer = client.post(reverse("posts:imports"), {"file": file}, follow=True)
    shown = answer.content.decode()
    assert "1 row</strong> is ready" in shown and "No channel is called" in shown
    here = answer.redirect_chain[-1][0]
    with at_once():
        assert client.post(here, {"action": "start"}).status_code == 302
    assert client.get(f"{here}progress/").json() == {"state": "done", "done": 1, "total": 2}
    assert "1 post</strong> was made" in client.get(here).content.decode()
    with at_once():
        client.post(here, {"action": "undo"})
    assert "1 post</strong> was removed" in client.get(here).content.decode()
    client.force_login(vera)
    assert client.get(reverse("posts:imports")).status_code == 302


def test_an_outsider_finds_no_import_and_may_name_no_foreign_channel(client, acme, bob, channel, globex, charlie):
    made = check(acme, bob, "text\nSecret\n")
    client.force_login(charlie)
    for name in ("import", "import_progress"):
        assert client.get(reverse(f"posts:{name}", args=[made.pk])).status_code == 404
    (row,) = rows(check(globex, charlie, "text,channels\nMine,Our page\n"))
    assert row.state == ImportRow.State.WRONG
