"""Which posts a list shows, and in which order."""

from datetime import datetime

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, Value
from django.db.models.expressions import Func
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework.exceptions import NotFound

from content_studio.calendar import FURTHEST
from content_studio.models import SocialPost
from content_studio.searching import saying
from organizations.filters import GivenFilters, MomentFilter, WordsFilter
from organizations.rest import CursorPages
from publishing.models import Network

ORDERS = {
    "created": ("pk",),
    "-created": ("-pk",),
    "updated": ("latest_revision_created_at", "pk"),
    "-updated": ("-latest_revision_created_at", "-pk"),
    "planned": ("planned_at", "pk"),
    "-planned": ("-planned_at", "-pk"),
}


def with_moment(posts):
    """`posts` with `planned_at`: the moment that the wall-clock time means in its own zone."""
    zone = Coalesce(NullIf("planned_timezone", Value("")), "organization__timezone")
    # PostgreSQL's timezone() takes a moment apart into a clock's time, and puts a clock's time together again.
    clock = Func(Value("UTC"), F("planned_local"), function="timezone", output_field=DateTimeField())
    return posts.annotate(planned_at=Func(zone, clock, function="timezone", output_field=DateTimeField()))


class PostFilter(GivenFilters):
    state = filters.MultipleChoiceFilter(
        choices=SocialPost.State.choices,
        method="in_state",
        help_text=_("Of the post, or of a newer draft of it. May be given several times."),
    )
    channel = filters.UUIDFilter(field_name="channels", help_text=_("Posts that go to this channel."))
    network = filters.MultipleChoiceFilter(choices=Network.choices, method="on_network")
    campaign = filters.UUIDFilter(field_name="campaign__uuid")
    label = filters.UUIDFilter(field_name="labels__uuid")
    author = filters.UUIDFilter(field_name="owner", help_text=_("The id of whoever began the post."))
    planned_after = MomentFilter(method="planned_from", help_text=_("Planned for this moment or later."))
    planned_before = MomentFilter(method="planned_until", help_text=_("Planned before this moment."))
    updated_since = MomentFilter(
        field_name="latest_revision_created_at", lookup_expr="gte", help_text=_("Edited at this moment or later.")
    )
    q = WordsFilter(
        method="search", help_text=_("Words that all occur in the title, the texts, links or descriptions.")
    )
    ordering = filters.ChoiceFilter(
        choices=[(name, name) for name in ORDERS],
        method="in_order",
        empty_label=None,
        help_text=_("`planned` shows only posts that have a planned time. Without it: `-created`."),
    )

    def in_state(self, posts, name, states):
        return posts.filter(Q(state__in=states) | Q(draft_state__in=states)) if states else posts

    def on_network(self, posts, name, networks):
        chosen = SocialPost.channels.through.objects.filter(socialpost=OuterRef("pk"), channel__network__in=networks)
        return posts.filter(Exists(chosen)) if networks else posts

    def planned_from(self, posts, name, moment):
        return with_moment(posts.filter(planned_local__gte=moment - FURTHEST)).filter(planned_at__gte=moment)

    def planned_until(self, posts, name, moment):
        return with_moment(posts.filter(planned_local__lt=moment + FURTHEST)).filter(planned_at__lt=moment)

    def search(self, posts, name, value):
        return saying(posts, value)

    def in_order(self, posts, name, value):
        return with_moment(posts.exclude(planned_local=None)) if value.endswith("planned") else posts


class PostPages(CursorPages):
    ordering = "-pk"

    def get_ordering(self, request, queryset, view):
        return ORDERS.get(request.query_params.get("ordering", ""), ("-pk",))

    def paginate_queryset(self, queryset, request, view=None):
        if request.query_params.get("ordering", "").endswith("planned"):
            try:
                queryset = self._around(queryset, request)
            except (ValueError, TypeError, OverflowError) as err:  # a cursor that nobody here has made
                raise NotFound(self.invalid_cursor_message) from err
        return super().paginate_queryset(queryset, request, view=view)

    def _around(self, posts, request):
        """Those of `posts` that can be on the page, by what clocks show: an index has that, but not the moment.

        A moment is never further than `FURTHEST` from what a clock shows for it, taken as UTC. So a page's worth of
        posts that surely come after its beginning tells how far the page can reach.
        """
        cursor = self.decode_cursor(request)
        falling = request.query_params["ordering"].startswith("-") != bool(cursor and cursor.reverse)
        onwards, order, far = ("lt", "-planned_local", -FURTHEST) if falling else ("gt", "planned_local", FURTHEST)
        sure = posts
        if cursor and cursor.position:
            begin = datetime.fromisoformat(cursor.position)
            posts = posts.filter(**{f"planned_local__{onwards}e": begin - far})
            sure = posts.filter(**{f"planned_local__{onwards}e": begin + far})
        last = (cursor.offset if cursor else 0) + self.get_page_size(request)
        reach = sure.order_by(order).values_list("planned_local", flat=True)[last : last + 1].first()
        if reach is None:
            return posts
        return posts.filter(**{f"planned_local__{'gt' if falling else 'lt'}e": reach + 2 * far})
