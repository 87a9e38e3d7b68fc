"""What can stand in the way of reviewing, scheduling and publishing a post."""

from organizations.problems import Conflict, Problem


class ApprovalNeeded(Conflict):
    slug = "approval-needed"
    title = "The post has not been approved"


class RevisionChanged(Conflict):
    slug = "revision-changed"
    title = "The post was changed in the meantime"


class NothingToPublish(Problem):
    slug = "nothing-to-publish"
    status = 422
    title = "There is nothing to publish yet"


class ChecksFailed(Problem):
    """A network would refuse the post. `findings` says for each channel what and how to repair it."""

    slug = "checks-failed"
    status = 422
    title = "A network would refuse the post"
