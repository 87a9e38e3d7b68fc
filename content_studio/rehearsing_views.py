"""What a post would send to its networks, before anything is planned."""

from django.utils.translation import gettext_lazy

from publishing.rehearsing import rehearse

from .messages import messages_for
from .post_views import PostPage


class DryRunView(PostPage):
    """The exact requests of the newest revision, for each of its channels."""

    template_name = "publishing/dry_run.html"
    page_title = gettext_lazy("Dry run")
    header_icon = "view"

    def get_context_data(self, **kwargs):
        messages = messages_for(self.post_page.get_latest_revision_as_object())
        return super().get_context_data(
            rehearsals=[rehearse(channel, message) for channel, message in messages.items()], **kwargs
        )
