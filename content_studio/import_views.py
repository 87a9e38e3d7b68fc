"""The pages on which a table of posts is checked, imported and undone, and the list as a table."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from organizations.problems import Problem
from organizations.roles import Action, may
from organizations.spreadsheets import write_csv

from . import importing
from .editor import posts_breadcrumbs
from .exporting import KINDS, export_posts
from .import_rows import EXAMPLE, TEMPLATE
from .imports import ImportRow, PostImport
from .listing import PostIndexView
from .models import SocialPost
from .post_views import ForOrganization
from .tables import MOST_BYTES, MOST_ROWS, write_xlsx


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"), widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"})
    )


class ImportPage(ForOrganization, WagtailAdminTemplateMixin, TemplateView):
    required_action = Action.WRITE
    page_title = gettext_lazy("Import posts")
    header_icon = "upload"

    def where_refused(self):
        return "posts:index"

    def get_breadcrumbs_items(self):
        return posts_breadcrumbs({"url": "", "label": self.get_page_title()})


class ImportsView(ImportPage):
    """Takes a file, and lists what was imported before."""

    template_name = "content_studio/posts/imports.html"

    def where_refused(self):
        allowed = may(self.request.user, Action.WRITE, organization=self.organization)
        return "posts:imports" if allowed else "posts:index"

    def get_context_data(self, **kwargs):
        return {
            **super().get_context_data(**kwargs),
            "form": UploadForm(),
            "imports": PostImport.objects.for_organization(self.organization).select_related("made_by")[:20],
            "most_rows": MOST_ROWS,
            "most_megabytes": MOST_BYTES // 1024**2,
            "template_columns": TEMPLATE,
            **kwargs,
        }

    def post(self, request, *args, **kwargs):
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        file = form.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise Problem(_("The file is larger than %(most)s MB. Split it.") % {"most": MOST_BYTES // 1024**2})
        made = importing.check_table(self.organization, user=request.user, content=file.read(), name=file.name)
        return redirect("posts:import", made.pk)


class OfImport(ForOrganization):
    kwargs: dict[str, Any]
    required_action = Action.WRITE

    @cached_property
    def post_import(self) -> PostImport:
        found = PostImport.objects.for_organization(self.organization).select_related("organization", "made_by")
        post_import = found.filter(pk=self.kwargs["pk"]).first()
        if post_import is None:
            raise Http404
        return post_import


class ImportView(OfImport, ImportPage):
    """One import: what each row would make, how far it has come, what it made."""

    template_name = "content_studio/posts/import.html"

    def where_refused(self):
        return reverse("posts:import", args=[self.kwargs["pk"]])

    def get_page_title(self):
        return self.post_import.name

    def get_breadcrumbs_items(self):
        return posts_breadcrumbs(
            {"url": reverse("posts:imports"), "label": _("Import posts")}, {"url": "", "label": self.get_page_title()}
        )

    def get_context_data(self, **kwargs):
        rows = self.post_import.rows.select_related("post")
        only_wrong = "wrong" in self.request.GET
        if only_wrong:
            rows = rows.filter(state__in=[ImportRow.State.WRONG, ImportRow.State.FAILED, ImportRow.State.KEPT])
        progress = importing.progress_of(self.post_import)
        return {
            **super().get_context_data(**kwargs),
            "post_import": self.post_import,
            "rows": Paginator(rows, 100).get_page(self.request.GET.get("p")),
            "only_wrong": only_wrong,
            "progress": progress,
            "total": sum(progress.values()),
            "busy": self.post_import.state in (PostImport.State.RUNNING, PostImport.State.UNDOING),
            "may_submit": self.organization.approval_required,
        }

    def post(self, request, *args, **kwargs):
        if request.POST.get("action") == "undo":
            importing.undo_import(self.post_import, user=request.user)
        else:
            importing.start_import(self.post_import, user=request.user, submits="submits" in request.POST)
        return redirect("posts:import", self.post_import.pk)


class ProgressView(OfImport, View):
    def refuse(self, problem: Problem):
        return JsonResponse({"message": problem.detail}, status=problem.status)

    def get(self, request, pk):
        progress = importing.progress_of(self.post_import)
        over = progress["done"] + progress["failed"]
        if self.post_import.state == PostImport.State.UNDOING:
            over = progress["undone"] + progress["kept"]
        return JsonResponse({"state": self.post_import.state, "done": over, "total": sum(progress.values())})


class TemplateFileView(ForOrganization, View):
    """An empty table with the right heading and one row that shows how."""

    required_action = Action.WRITE

    def get(self, request, kind):
        if kind not in KINDS:
            raise Http404
        content = write_csv(TEMPLATE, [EXAMPLE]) if kind == "csv" else write_xlsx(TEMPLATE, [EXAMPLE])
        return as_file(content, KINDS[kind], f"posts-template.{kind}")


class ExportView(PostIndexView):
    """The list as it is filtered and sorted, as a table; newest revisions, at most 10,000 posts."""

    def get_base_queryset(self):
        return SocialPost.objects.for_organization(self.organization)

    def get(self, request, *args, **kwargs):
        kind = kwargs["kind"]
        content, content_type = export_posts(self.get_queryset(), kind=kind)
        return as_file(content, content_type, f"posts-{clock.localdate():%Y-%m-%d}.{kind}")


def as_file(content, content_type: str, name: str):
    kind = HttpResponse if isinstance(content, bytes) else StreamingHttpResponse
    answer = kind(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
