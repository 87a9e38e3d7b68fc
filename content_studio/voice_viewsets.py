"""The pages on which an organization says how it wants to sound."""

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.permissions import register_permission_policy

from organizations.access import current_organization
from organizations.languages import language_choices
from organizations.roles import Action, may

from .ai.models import BrandVoice
from .label_viewsets import SortingViewSet, WritersPolicy


class SettingsPolicy(WritersPolicy):
    """Whoever may change the organization's settings may do everything with its voices."""

    def user_has_permission(self, user, action):
        return may(user, Action.MANAGE_SETTINGS, organization=current_organization())

    def user_has_permission_for_instance(self, user, action, instance):
        return may(user, Action.MANAGE_SETTINGS, organization=instance.organization)


class BrandVoiceViewSet(SortingViewSet):
    name = "brand_voices"
    model = BrandVoice
    icon = "openquote"
    menu_label = _("Brand voices")
    nothing_yet = _(
        "A brand voice says how you write: what you do and never do, words you like and words you ban, samples. AI"
        " keeps to it in every text, and posts are checked for banned words."
    )
    form_fields = [
        "name",
        "is_default",
        "language",
        "description",
        "dos",
        "donts",
        "preferred",
        "banned",
        "habits",
        "samples",
    ]
    list_display = ["name", "is_default", "language"]

    def get_form_class(self, for_update=False):
        class VoiceForm(super().get_form_class(for_update)):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                language, voice = self.fields["language"], self.instance
                choices = [("", _("The organization's")), *language_choices(also=voice.language)]
                self.fields["language"] = forms.ChoiceField(
                    label=language.label,
                    required=False,
                    choices=choices,
                    help_text=_("Used unless another is chosen when writing."),
                )
                # The first one is meant to be heard; whoever does not want that takes the tick off.
                if not voice.pk and not BrandVoice.objects.for_organization(voice.organization).exists():
                    self.initial["is_default"] = True

        return VoiceForm


register_permission_policy(BrandVoice, SettingsPolicy(BrandVoice))
