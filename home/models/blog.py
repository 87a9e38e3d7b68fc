"""The blog: posts with authors and categories, lists of them, feeds."""

from django.core.paginator import Paginator
from django.db import models
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.api import APIField
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.search import index

from home import feeds
from home.blocks import ArticleBody

from .base import SitePage
from .snippets import Author, Category


class BlogIndexPage(RoutablePageMixin, SitePage):
    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.BlogPage"]
    page_description = _("The blog: its newest posts, categories, authors and feeds.")
    max_count_per_parent = 1
    posts_per_page = 10
    show_breadcrumbs = False

    class Meta:
        verbose_name = _("blog")

    def serve(self, request, *args, **kwargs):
        return self.for_everyone(request, lambda: RoutablePageMixin.serve(self, request, *args, **kwargs))

    @property
    def posts(self):
        posts = BlogPage.objects.child_of(self).live().public().order_by("-date", "-pk")
        return posts.select_related("author").prefetch_related("categories")

    @property
    def categories(self):
        return Category.objects.filter(posts__in=self.posts.order_by()).distinct()

    @path("")
    @path("page/<int:number>/")
    def all_posts(self, request, number=1):
        return self.listing(request, posts=self.posts, number=number)

    @path("category/<slug:slug>/")
    @path("category/<slug:slug>/page/<int:number>/")
    def in_category(self, request, slug, number=1):
        category = get_object_or_404(Category, slug=slug)
        return self.listing(request, posts=self.posts.filter(categories=category), number=number, category=category)

    @path("author/<slug:slug>/")
    @path("author/<slug:slug>/page/<int:number>/")
    def by_author(self, request, slug, number=1):
        author = get_object_or_404(Author, slug=slug)
        return self.listing(request, posts=self.posts.filter(author=author), number=number, author=author)

    @path("rss/")
    def rss(self, request):
        return feeds.PostsAsRss(self)(request)

    @path("atom/")
    def atom(self, request):
        return feeds.PostsAsAtom(self)(request)

    def listing(self, request, *, posts, number, category=None, author=None):
        pages = Paginator(posts, self.posts_per_page)
        if not 1 <= number <= pages.num_pages:
            raise Http404
        base = self.get_url(request) + (
            f"category/{category.slug}/" if category else f"author/{author.slug}/" if author else ""
        )
        return self.render(
            request,
            context_overrides={
                "posts": pages.get_page(number),
                "base": base,
                "category": category,
                "author": author,
                "canonical": self.canonical(request).removesuffix(self.get_url(request))
                + base
                + (f"page/{number}/" if number > 1 else ""),
            },
        )


class BlogPage(SitePage):
    date = models.DateField(_("date"), default=timezone.localdate)
    author = models.ForeignKey(
        Author, verbose_name=_("author"), null=True, blank=True, on_delete=models.PROTECT, related_name="posts"
    )
    categories = ParentalManyToManyField(Category, verbose_name=_("categories"), blank=True, related_name="posts")
    body = StreamField(ArticleBody(), verbose_name=_("content"), blank=True)

    search_fields = [*SitePage.search_fields, index.SearchField("body")]
    api_fields = [*SitePage.api_fields, APIField("date"), APIField("body")]
    content_panels = [
        *SitePage.content_panels,
        MultiFieldPanel(
            [FieldPanel("date"), FieldPanel("author"), FieldPanel("categories")], heading=_("About this post")
        ),
        FieldPanel("body"),
    ]
    parent_page_types = ["home.BlogIndexPage"]
    subpage_types: list[str] = []
    page_description = _("One blog post.")
    structured_data_type = "BlogPosting"

    class Meta:
        verbose_name = _("blog post")

    @cached_property
    def related(self) -> "list[BlogPage]":
        """Up to three other posts: those with most categories in common, the newest first."""
        others = BlogPage.objects.sibling_of(self, inclusive=False).live().public()
        mine = [category.pk for category in self.categories.all()]
        in_common = models.Count("categories", filter=models.Q(categories__in=mine))
        return list(others.annotate(in_common=in_common).order_by("-in_common", "-date", "-pk")[:3])
