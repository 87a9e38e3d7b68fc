"""What may be done to a workspace and its posts with Wagtail's own page tools.

Roles decide (`organizations.roles`). Publishing, moving, copying and privacy
as Wagtail means them do not exist for posts: what goes out is decided in
`content_studio.planning` alone, for superusers too.
"""

from django.utils.functional import cached_property
from wagtail.models import PagePermissionTester

from organizations.roles import ACTIONS_OF_ROLE, Action, role_in


class NeverPublicPermissionTester(PagePermissionTester):
    """Wagtail's question “may this person …?”, for pages that are never on the public site."""

    @cached_property
    def actions(self) -> set[Action]:
        if not self.user.is_active:
            return set()
        role = role_in(self.user, self.page.organization_id)
        return ACTIONS_OF_ROLE[role] if role else set()

    def may(self, action: Action) -> bool:
        return action in self.actions

    def can_edit(self):
        # The workspace itself has nothing to edit.
        return self.page.depth > 2 and (self.may(Action.WRITE) or self.is_operator())

    def can_add_subpage(self):
        return self.page.depth == 2 and (self.may(Action.WRITE) or self.is_operator())

    def can_delete(self, ignore_bulk=False):
        """A post can be deleted until it is on its way or out; then only by those who may publish, never underway."""
        from .models import SocialPost

        post = self.page.specific
        if not isinstance(post, SocialPost) or post.state == SocialPost.State.SCHEDULED:
            return False
        if self.is_operator():
            return True
        needed = Action.WRITE if post.state in SocialPost.OF_A_DRAFT else Action.PUBLISH
        return self.may(needed)

    def can_lock(self):
        return self.may(Action.APPROVE) or self.is_operator()

    def can_unlock(self):
        return self.user_has_lock() or self.can_lock()

    def is_operator(self) -> bool:
        return self.user.is_active and self.user.is_superuser

    def never(self, *args, **kwargs) -> bool:
        return False

    can_publish = can_unpublish = can_publish_subpage = can_unschedule = never
    can_submit_for_moderation = can_set_view_restrictions = never
    can_move = can_move_to = can_copy = can_copy_to = can_reorder_children = never
