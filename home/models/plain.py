"""Pages of plain text, and the one with the contact form."""

from django.db import models
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.models import Site
from wagtail.search import index

from home import visiting
from home.blocks import ArticleBody

from .base import SitePage


class ContentPage(SitePage):
    """About us, security, terms, privacy: text that is read from top to bottom."""

    in_force_since = models.DateField(
        _("in force since"), null=True, blank=True, help_text=_("For legal texts; shown above the text.")
    )
    body = StreamField(ArticleBody(), verbose_name=_("content"), blank=True)

    search_fields = [*SitePage.search_fields, index.SearchField("body")]
    api_fields = [*SitePage.api_fields, APIField("body")]
    content_panels = [*SitePage.content_panels, FieldPanel("in_force_since"), FieldPanel("body")]
    parent_page_types = ["home.HomePage", "home.ContentPage"]
    subpage_types = ["home.ContentPage"]
    page_description = _("A page of text: about us, security, terms, privacy.")

    class Meta:
        verbose_name = _("text page")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["below"] = ContentPage.objects.child_of(self).live().public().order_by("path")
        return context


class ContactPage(SitePage):
    body = StreamField(ArticleBody(), verbose_name=_("content"), blank=True)
    thanks = models.TextField(
        _("thanks"), max_length=300, default="Thank you. Your message has arrived; a person will answer it by mail."
    )

    search_fields = [*SitePage.search_fields, index.SearchField("body")]
    content_panels = [*SitePage.content_panels, FieldPanel("body"), FieldPanel("thanks")]
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []
    page_description = _("The contact form. Messages arrive on your home and, if an address is set, by mail.")
    structured_data_type = "ContactPage"

    class Meta:
        verbose_name = _("contact page")

    def take(self, request):
        """Answers a sent form: with thanks, or with the form and what is wrong with it."""
        translation.activate(self.locale.language_code)
        form = visiting.ContactForm(request.POST)
        problem, status = "", 200
        if not visiting.came_from_here(request):
            problem, status = _("The form was sent from another site. Please fill it in here."), 403
        elif not form.is_valid():
            problem, status = _("Something is missing. Please look at the fields below."), 422
        elif not form.is_trapped:
            try:
                visiting.receive_message(
                    name=form.cleaned_data["name"],
                    email=form.cleaned_data["email"],
                    text=form.cleaned_data["text"],
                    sender=visiting.sender_of(request),
                    site=Site.find_for_request(request),
                )
            except visiting.TooMany as too_many:
                problem, status = too_many.detail, too_many.status
        context = self.get_context(request) | {"form": form, "problem": problem, "sent": not problem}
        return TemplateResponse(request, self.get_template(request), context, status=status)

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context.setdefault("form", visiting.ContactForm())
        return context
