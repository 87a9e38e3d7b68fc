import base64

import pytest

from content_studio import importing
from content_studio.factories import make_post
from content_studio.models import SocialPost

pytestmark = pytest.mark.django_db


def test_a_tool_checks_and_imports_a_table_and_reads_the_list_as_one(
    api_of, acme, bob, vera, globex, charlie, django_capture_on_commit_callbacks, monkeypatch
):
    monkeypatch.setattr(importing, "async_task", lambda _name, pk: importing.run_import(pk))
    table = base64.b64encode(b"text,channels\nHello,\nBad,Nobody\n").decode()
    answer = api_of(bob).post("/api/v1/imports/", {"name": "posts.csv", "content": table})
    assert answer.status_code == 201, answer.content
    assert [row["state"] for row in answer.json()["rows"]] == ["ready", "wrong"]
    here = f"/api/v1/imports/{answer.json()['id']}/"
    with django_capture_on_commit_callbacks(execute=True):
        assert api_of(bob).post(f"{here}start/").status_code == 200
    done = api_of(bob).get(here).json()
    assert done["counts"]["done"] == 1 and done["rows"][0]["post"] == str(SocialPost.objects.get().uuid)
    make_post(acme, user=bob, text="Another")
    content = b"".join(api_of(bob).get("/api/v1/posts/export/csv/", {"q": "Another"}).streaming_content)
    assert b"Another" in content and b"Hello" not in content
    assert api_of(vera).post("/api/v1/imports/", {"name": "a.csv", "content": table}).status_code == 403
    assert api_of(charlie).get(here).status_code == 404
    assert api_of(bob).post("/api/v1/imports/", {"name": "a.csv", "content": "!"}).status_code == 400
