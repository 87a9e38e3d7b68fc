"""The blog: lists, categories, authors, pages of it, feeds."""

from xml.etree import ElementTree

import pytest

from home.models import Author, BlogPage, Category

from .conftest import page_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def blog(home):
    return page_at("blog")


def test_the_newest_post_comes_first(blog, client):
    text = client.get("/blog/").content.decode()
    assert text.index("How long is this post?") < text.index("The third answer") < text.index("Approve a revision")


def test_a_category_shows_its_posts_only(blog, client):
    text = client.get("/blog/category/review/").content.decode()
    assert "Approve a revision" in text and "The third answer" not in text
    assert client.get("/blog/category/none/").status_code == 404


def test_an_author_shows_their_posts_only(blog, client):
    other = Author.objects.create(name="Ada", slug="ada")
    blog.add_child(instance=BlogPage(title="By Ada", slug="by-ada", author=other))
    text = client.get("/blog/author/ada/").content.decode()
    assert "By Ada" in text and "The third answer" not in text


def test_the_list_is_divided_into_pages_with_addresses_of_their_own(blog, client):
    for number in range(12):
        blog.add_child(instance=BlogPage(title=f"Post {number}", slug=f"post-{number}"))
    second = client.get("/blog/page/2/")
    assert second.status_code == 200
    assert b'href="/blog/">' in second.content  # newer
    assert client.get("/blog/page/3/").status_code == 404
    assert client.get("/blog/page/0/").status_code == 404


def test_the_list_costs_the_same_however_many_posts_there_are(blog, client, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get("/blog/")
    with CaptureQueriesContext(connection) as few:
        client.get("/blog/")
    category = Category.objects.first()
    for number in range(7):
        post = BlogPage(title=f"Post {number}", slug=f"post-{number}", author=Author.objects.first())
        blog.add_child(instance=post)
        post.categories.add(category)
        post.save()
    with CaptureQueriesContext(connection) as many:
        client.get("/blog/")
    assert len(many) == len(few)


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_feeds_have_every_post_with_its_full_address(blog, client, kind):
    answer = client.get(f"/blog/{kind}/")
    feed = ElementTree.fromstring(answer.content)
    text = answer.content.decode()
    assert feed.tag.endswith("rss" if kind == "rss" else "feed")
    assert text.count("<item>") + text.count("<entry>") == 3
    assert "http://localhost:8000/blog/unknown-outcome/" in text
    assert not answer.cookies


def test_related_posts_share_a_category_first(blog):
    first = page_at("blog/unknown-outcome")
    shared = BlogPage(title="Also publishing", slug="also", date="2020-01-01")
    blog.add_child(instance=shared)
    shared.categories.add(*first.categories.all())
    shared.save()
    assert first.related[0].pk == shared.pk
    assert first.pk not in [post.pk for post in first.related]
