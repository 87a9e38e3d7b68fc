"""What the post editor shows, from top to bottom."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import CommentPanel, FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, TabbedInterface

content_panels = [
    FieldPanel("body", heading=_("Content")),
    FieldPanel("channels"),
    MultiFieldPanel(
        [FieldRowPanel([FieldPanel("planned_local"), FieldPanel("planned_timezone")])],
        heading=_("Planned time"),
    ),
    MultiFieldPanel(
        [
            FieldRowPanel(
                [
                    FieldPanel(
                        "title",
                        heading=_("Name in the studio"),
                        help_text=_("Only your team sees it. Left empty, the post's first words serve."),
                    ),
                    FieldPanel("language"),
                ]
            ),
            FieldRowPanel([FieldPanel("campaign"), FieldPanel("labels")]),
            FieldPanel("link_tags"),
        ],
        heading=_("Details"),
        classname="collapsed",
    ),
    CommentPanel(),
]

# One tab, whose bar is hidden: Wagtail's comments look for it.
post_edit_handler = TabbedInterface([ObjectList(content_panels, heading=_("Post"))])
