"""Which changes make the kept pages of the public site out of date."""

from django.db.models.signals import post_delete, post_save
from djstripe.models import Price
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import PageViewRestriction, Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move, published, unpublished

from .models import Author, Category, ReusableSection, SitePage, SiteSettings
from .page_cache import forget_pages
from .public import page_types


def page_changed(sender, instance, **kwargs):
    if isinstance(instance, SitePage) or getattr(instance, "specific_class", None) in page_types():
        forget_pages()


def something_changed(sender, **kwargs):
    forget_pages()


def media_changed(sender, instance, **kwargs):
    if instance.organization_id is None:
        forget_pages()


def connect():
    for signal in (page_published, page_unpublished, page_slug_changed, post_page_move):
        signal.connect(page_changed, dispatch_uid="home.page_changed")
    for model in page_types():
        post_delete.connect(page_changed, sender=model, dispatch_uid="home.page_deleted")
    for signal in (published, unpublished):
        signal.connect(something_changed, sender=ReusableSection, dispatch_uid="home.section_changed")
    for model in (Author, Category, SiteSettings, Site, Redirect, PageViewRestriction, Price, ReusableSection):
        post_delete.connect(something_changed, sender=model, dispatch_uid="home.piece_deleted")
        if model is not ReusableSection:  # saved with each draft
            post_save.connect(something_changed, sender=model, dispatch_uid="home.piece_saved")
    for model in (get_image_model(), get_document_model()):
        post_save.connect(media_changed, sender=model, dispatch_uid="home.media_saved")
        post_delete.connect(media_changed, sender=model, dispatch_uid="home.media_deleted")
