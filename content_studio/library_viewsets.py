"""The pages on which an organization keeps what it writes again and again: one menu, one page for each kind."""

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.permissions import register_permission_policy

from organizations.languages import language_choices
from organizations.roles import Action, may
from publishing.networks import NETWORKS

from .ai.models import BrandVoice
from .label_viewsets import SortingViewSet, WritersPolicy
from .library import LIBRARY, HashtagSet, SavedBrief, Signature, Tone, UtmPreset, tones_of
from .voice_viewsets import BrandVoiceViewSet


class ToneViewSet(SortingViewSet):
    name = "tones"
    model = Tone
    icon = "pilcrow"
    menu_label = _("Tones")
    nothing_yet = _(
        "Six tones are there from the start. Add how your organization sounds besides, in a sentence that AI follows."
    )
    form_fields = ["name", "instruction"]
    list_display = ["name", "instruction"]


class HashtagSetViewSet(SortingViewSet):
    name = "hashtag_sets"
    model = HashtagSet
    icon = "tag"
    menu_label = _("Hashtag sets")
    nothing_yet = _(
        "Hashtags that you use together, such as those of an event: inserted with one click, or added to what"
        " AI writes."
    )
    form_fields = ["name", "tags"]
    list_display = ["name", "tags"]
    search_fields = ["name", "tags"]


class SignatureViewSet(SortingViewSet):
    name = "signatures"
    model = Signature
    icon = "draft"
    menu_label = _("Signatures")
    nothing_yet = _(
        "Lines that end a post, such as an address or a disclaimer: inserted with one click, or added to what"
        " AI writes."
    )
    form_fields = ["name", "text"]
    list_display = ["name", "text"]
    search_fields = ["name", "text"]


class UtmPresetViewSet(SortingViewSet):
    name = "utm_presets"
    model = UtmPreset
    icon = "link"
    menu_label = _("Link tags (UTM)")
    nothing_yet = _(
        "Link tags (UTM) tell your analytics which post and network a visitor came from. They are added to"
        " links when a post goes out."
    )
    form_fields = ["name", "source", "medium", "campaign", "term", "content", "is_default"]
    list_display = ["name", Column("shown", label=_("Adds")), "is_default"]


class SavedBriefViewSet(SortingViewSet):
    name = "briefs"
    model = SavedBrief
    icon = "clipboard-list"
    menu_label = _("Briefs")
    nothing_yet = _(
        "A brief that you need again and again, such as for the menu of the day: choose it under Write with"
        " AI and fill in what is new."
    )
    form_fields = ["name", "prompt", "networks", "tone", "language", "voice"]
    list_display = ["name", "prompt", Column("network_names", label=_("Networks"))]
    search_fields = ["name", "prompt"]

    def get_form_class(self, for_update=False):
        class BriefForm(super().get_form_class(for_update)):
            networks = forms.MultipleChoiceField(
                label=_("Networks"),
                required=False,
                choices=[(rules.key, rules.name) for rules in NETWORKS],
                widget=forms.CheckboxSelectMultiple,
            )

            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                organization = self.instance.organization
                as_usual = [("", _("As chosen when writing"))]
                self.fields["tone"] = forms.ChoiceField(
                    label=_("Tone"), required=False, choices=[*as_usual, *tones_of(organization).items()]
                )
                self.fields["language"] = forms.ChoiceField(
                    label=_("Language"), required=False, choices=[*as_usual, *language_choices()]
                )
                self.fields["voice"].queryset = BrandVoice.objects.for_organization(organization)

        return BriefForm


class GuidelinesMenuItem(MenuItem):
    def is_shown(self, request):
        return may(request.user, Action.MANAGE_SETTINGS, organization=getattr(request, "organization", None))


class LibraryViewSetGroup(ViewSetGroup):
    menu_label = _("Library")
    menu_icon = "folder-open-inverse"
    menu_order = 45
    items = (
        HashtagSetViewSet(),
        SignatureViewSet(),
        UtmPresetViewSet(),
        SavedBriefViewSet(),
        ToneViewSet(),
        BrandVoiceViewSet("brand_voices"),
    )

    def get_submenu_items(self):
        guidelines = GuidelinesMenuItem(_("Guidelines"), reverse("guidelines"), name="guidelines", order=999)
        return [*super().get_submenu_items(), guidelines]


for _model in LIBRARY:
    register_permission_policy(_model, WritersPolicy(_model))


@hooks.register("register_admin_viewset")
def register_library():
    return LibraryViewSetGroup()
