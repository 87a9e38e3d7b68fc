"""Nothing of an organization, and nothing unpublished, is ever shown on the public site."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import PageViewRestriction

from home.blocks.base import LinkBlock
from home.blocks.media import PictureFields
from home.models import ContentPage
from organizations.models import BasePage, LibraryImage

from .conftest import page_at

pytestmark = pytest.mark.django_db
SECRET = "zebracorn"
EVERYWHERE = ["/", "/sitemap.xml", "/llms.txt", f"/search/?q={SECRET}", "/api/pages/", f"/api/pages/?search={SECRET}"]


@pytest.fixture
def post(home, acme):
    """A post of Acme's that is live, as far as Wagtail is concerned."""
    workspace = apps.get_model("content_studio.Workspace").objects.get(organization=acme)
    post = apps.get_model("content_studio.SocialPost")(title=SECRET, slug=SECRET, live=True)
    workspace.add_child(instance=post)
    return post


def seen(client, **extra) -> str:
    return "".join(client.get(path).content.decode().replace(f"“{SECRET}”", "") for path in EVERYWHERE)


def test_an_organizations_post_is_nowhere(post, client):
    found = seen(client).replace(f'value="{SECRET}"', "").replace(f"q={SECRET}", "")
    assert SECRET not in found.replace(f"“{SECRET}” · Search", "")


@pytest.mark.parametrize(
    "query",
    [
        "type=content_studio.SocialPost",
        "type=content_studio.Workspace",
        "type=organizations.BasePage&fields=*",
        "child_of={workspace}",
        "descendant_of={workspace}",
        "ancestor_of={post}",
        "translation_of={post}",
        f"slug={SECRET}",
    ],
)
def test_the_pages_api_shows_no_organization_whatever_is_asked(post, client, query):
    workspace = BasePage.objects.get(pk=post.pk).get_parent()
    answer = client.get("/api/pages/?" + query.format(workspace=workspace.pk, post=post.pk))
    assert SECRET not in answer.content.decode()
    if answer.status_code == 200:
        assert all(item["meta"]["type"].startswith("home.") for item in answer.json()["items"])
    else:
        assert answer.status_code in (400, 404)


def test_a_post_cannot_be_read_by_its_id(post, client):
    assert client.get(f"/api/pages/{post.pk}/").status_code == 404
    assert client.get(f"/api/pages/find/?id={post.pk}").status_code == 404
    assert client.get(f"/api/pages/find/?html_path=/{SECRET}/").status_code == 404
    assert client.get(f"/share/{post.pk}.png").status_code == 404
    assert client.post(f"/messages/{post.pk}/", {}).status_code == 404


def test_the_pages_api_is_read_only_and_asks_for_nobody(home, client):
    assert client.get("/api/pages/").json()["meta"]["total_count"] > 30
    assert client.get("/api/pages/?type=home.BlogPage&fields=summary,date").json()["items"][0]["summary"]
    assert client.post("/api/pages/", {}).status_code == 405
    assert client.get("/api/images/").status_code == 404


def test_a_draft_and_a_private_page_are_nowhere(home, client):
    home.add_child(instance=ContentPage(title=SECRET, slug="draft", summary=SECRET, live=False))
    private = home.add_child(instance=ContentPage(title=SECRET, slug="private", summary=SECRET))
    PageViewRestriction.objects.create(page_id=private.pk, restriction_type="login")
    found = seen(client).replace(f'value="{SECRET}"', "").replace(f"“{SECRET}” · Search", "")
    assert SECRET not in found
    assert client.get("/draft/").status_code == 404


def test_a_page_hidden_from_search_engines_says_so(home, client):
    home.add_child(instance=ContentPage(title="Quiet", slug="quiet", hidden_from_search_engines=True))
    assert b'<meta name="robots" content="noindex">' in client.get("/quiet/").content
    assert b"/quiet/" not in client.get("/sitemap.xml").content
    assert b"/quiet/" not in client.get("/llms.txt").content


def test_an_organizations_picture_cannot_be_put_on_a_page(home, acme):
    image = LibraryImage.objects.create(title="A", file=get_test_image_file(), collection=acme.collection)
    block = PictureFields()
    value = block.normalize({"image": image, "alt": "x"})
    with pytest.raises(ValidationError):
        block.clean(value)


def test_an_organizations_picture_is_not_shown_even_if_it_got_there(home, client, acme):
    image = LibraryImage.objects.create(
        title="A", file=get_test_image_file(filename="zebra.png"), collection=acme.collection
    )
    page = page_at("about")
    page.body = [("picture", {"image": image, "alt": "x"})]
    page.save()
    assert b"zebra" not in client.get("/about/").content


def test_a_link_to_an_organizations_page_is_refused_and_not_shown(post):
    block = LinkBlock()
    page = BasePage.objects.get(pk=post.pk)
    with pytest.raises(ValidationError):
        block.clean(block.to_python({"label": "x", "page": page.pk}))


def test_robots_are_kept_out_of_studio_and_api(home, client):
    text = client.get("/robots.txt").content.decode()
    for path in ("/admin/", "/api/", "/accounts/"):
        assert f"Disallow: {path}\n" in text
    assert "Sitemap: http://localhost:8000/sitemap.xml" in text
