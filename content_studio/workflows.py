"""What happens when a page has passed its organization's review.

Wagtail imports `finish` while its own models load (`WAGTAIL_FINISH_WORKFLOW_ACTION`),
so nothing here may import models at the top.
"""


def finish(workflow_state, user) -> None:
    """Called by Wagtail when the last stage approved: a post is approved, a marketing page goes live."""
    from wagtail.workflows import publish_workflow_state

    from .models import SocialPost
    from .reviewing import record_approval

    if isinstance(workflow_state.content_object.specific, SocialPost):
        record_approval(workflow_state, user)
    else:
        publish_workflow_state(workflow_state, user)
