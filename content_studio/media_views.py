"""Wagtail's pages for deleting pictures and files, which name the posts that still need them."""

from django.db import transaction
from django.urls import path
from wagtail import hooks
from wagtail.documents.views.bulk_actions import DeleteBulkAction as DeleteDocuments
from wagtail.documents.views.documents import DeleteView as DocumentDeleteView
from wagtail.documents.views.multiple import DeleteView as UploadedDocumentDeleteView
from wagtail.images.views.bulk_actions import DeleteBulkAction as DeleteImages
from wagtail.images.views.images import DeleteView as ImageDeleteView
from wagtail.images.views.multiple import DeleteView as UploadedImageDeleteView

from .media_uses import require_unused, uses_of


class NamesUses:
    """Asks nothing, and deletes nothing, while posts need it."""

    template_name = "content_studio/media/confirm_delete.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["posts"] = uses_of(self.object)
        context["is_protected"] = context["is_protected"] or bool(context["posts"])
        return context

    def form_valid(self, form):
        if uses_of(self.object):
            return self.render_to_response(self.get_context_data(), status=409)
        return super().form_valid(form)


class DeleteImageView(NamesUses, ImageDeleteView):
    pass


class DeleteDocumentView(NamesUses, DocumentDeleteView):
    pass


class AllOrNothing:
    """Takes nothing away where a post needs it; `organizations.access` explains what is refused."""

    def post(self, *args, **kwargs):
        with transaction.atomic():
            return super().post(*args, **kwargs)


class DeleteUploadedImageView(AllOrNothing, UploadedImageDeleteView):
    pass


class DeleteUploadedDocumentView(AllOrNothing, UploadedDocumentDeleteView):
    pass


class SparesUsed:
    """Deletes what no post needs, and names what it leaves."""

    template_name = "content_studio/media/confirm_bulk_delete.html"

    def check_perm(self, medium):
        medium.posts = uses_of(medium)
        return not medium.posts and super().check_perm(medium)

    @classmethod
    def execute_action(cls, objects, **kwargs):
        for medium in objects:
            require_unused(medium)
        return super().execute_action(objects, **kwargs)


class DeleteImagesAction(SparesUsed, DeleteImages):
    pass


class DeleteDocumentsAction(SparesUsed, DeleteDocuments):
    pass


@hooks.register("register_admin_urls", order=-10)
def register_delete_views():
    return [
        path("images/<int:image_id>/delete/", DeleteImageView.as_view()),
        path("documents/delete/<int:document_id>/", DeleteDocumentView.as_view()),
        path("images/multiple/<int:image_id>/delete/", DeleteUploadedImageView.as_view()),
        path("documents/multiple/<int:doc_id>/delete/", DeleteUploadedDocumentView.as_view()),
    ]


for _action in (DeleteImagesAction, DeleteDocumentsAction):
    hooks.register("register_bulk_action", _action, order=10)
