"""The blog's newest posts, for feed readers."""

from datetime import UTC, datetime, time

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.utils import feedgenerator

from .page_cache import keep


class PostsAsRss(Feed):
    feed_type: type[feedgenerator.SyndicationFeed] = feedgenerator.Rss201rev2Feed
    name = "rss"

    def __init__(self, index):
        self.index = index

    def __call__(self, request, *args, **kwargs):
        self.address = self.index.canonical(request)
        response = super().__call__(request, *args, **kwargs)
        keep(request, response)
        return response

    def title(self):
        return f"{settings.PRODUCT_NAME}: {self.index.title}"

    def link(self):
        return self.address

    def feed_url(self):
        return f"{self.address}{self.name}/"

    def description(self):
        return self.index.description

    subtitle = description

    def items(self):
        return self.index.posts[:20]

    def item_title(self, post):
        return post.title

    def item_description(self, post):
        return post.description

    def item_link(self, post):
        return f"{settings.BASE_URL}{post.get_url()}"

    def item_author_name(self, post):
        return post.author.name if post.author else None

    def item_categories(self, post):
        return [category.name for category in post.categories.all()]

    def item_pubdate(self, post):
        return datetime.combine(post.date, time(), tzinfo=UTC)

    def item_updateddate(self, post):
        return post.last_published_at


class PostsAsAtom(PostsAsRss):
    feed_type = feedgenerator.Atom1Feed
    name = "atom"
