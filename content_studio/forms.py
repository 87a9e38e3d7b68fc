"""The form behind the post editor."""

from django import forms
from django.conf import settings
from django.forms.models import ModelChoiceIterator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks.base import BlockWidget

from organizations.languages import language_choices
from publishing.models import Channel

from .labels import Campaign, Label
from .library import UtmPreset
from .localfields import WallClockField, ZoneField


class Few(ModelChoiceIterator):
    """Choices that are read at once and kept: a form shows them twice, and Django would open a cursor each time."""

    def __iter__(self):
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for each in self.queryset:
            yield self.choice(each)


class ChannelsField(forms.ModelMultipleChoiceField):
    """The channels of one organization, as checkboxes."""

    iterator = Few
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, channel):
        name = f"{channel.get_network_display()} – {channel.name}"
        if channel.state != Channel.State.CONNECTED:
            name += f" ({channel.get_state_display().lower()})"
        return name


def choosable_channels(organization, *, chosen=()):
    """The organization's channels that a post can go to, and those that it goes to already."""
    channels = Channel.objects.for_organization(organization)
    return channels.exclude(state=Channel.State.DISCONNECTED) | channels.filter(pk__in=chosen)


def link_tag_choices(organization, *, also: str = "") -> list[tuple[str, str]]:
    """The organization's presets by what they add; `also` is set already and stays choosable."""
    presets = {preset.query: preset.name for preset in UtmPreset.objects.for_organization(organization)}
    if also and also not in presets:
        presets[also] = also
    return [("", _("None")), *presets.items()]


_prepared: dict[str, BlockWidget] = {}


def prepared_widget(block) -> BlockWidget:
    """The widget of a post's blocks with their definition packed in the language that is active now.

    Nothing in the definition is a person's or an organization's. Packing it for
    each request took a fifth of the editor's time.
    """
    language = get_language() or ""
    if language not in _prepared:
        widget = BlockWidget(block)
        widget.block_json, widget.media  # noqa: B018 (made before another thread sees it)
        _prepared[language] = widget
    return _prepared[language]


class SocialPostForm(WagtailAdminPageForm):
    channels = ChannelsField(
        queryset=Channel.objects.none(),
        required=False,
        label=_("Channels"),
        help_text=_("Where the post goes. Each channel gets it fitted to its network."),
    )
    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(), required=False, label=_("Campaign"), empty_label=_("None")
    )
    labels = forms.ModelMultipleChoiceField(
        queryset=Label.objects.none(), required=False, label=_("Labels"), widget=forms.CheckboxSelectMultiple
    )
    planned_local = WallClockField(
        required=False,
        label=_("Planned for"),
        help_text=_("When you would like it to go out. Nothing goes out before the post is scheduled."),
    )
    planned_timezone = ZoneField(required=False)

    saves_apart = False  # only where the person saves: a preview fills the form as well

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        post, parent = self.instance, self.parent_page
        organization = post.organization or (parent and parent.organization)
        if "body" in self.fields:
            self.fields["body"].widget = prepared_widget(self.fields["body"].block)
        if "channels" in self.fields:
            chosen = [channel.pk for channel in post.channels.all()] if post.pk else []
            self.fields["channels"].queryset = choosable_channels(organization, chosen=chosen)
        for name, model in (("campaign", Campaign), ("labels", Label)):
            if name in self.fields:
                self.fields[name].iterator = Few
                self.fields[name].queryset = model.objects.for_organization(organization)
        if "language" in self.fields:
            default = post.language or settings.LANGUAGE_CODE
            self.fields["language"].widget = forms.Select(choices=language_choices(also=default))
        if "link_tags" in self.fields:
            self.fields["link_tags"].widget = forms.Select(choices=link_tag_choices(organization, also=post.link_tags))
            self.fields["link_tags"].help_text = _("Added to every link when the post goes out.")
        if "planned_timezone" in self.fields and not post.planned_timezone and organization:
            self.initial["planned_timezone"] = organization.timezone
        if post.pk and post.state == post.State.SCHEDULED:
            for name in ("planned_local", "planned_timezone"):
                if name in self.fields:
                    self.fields[name].disabled = True
            if "planned_local" in self.fields:
                self.fields["planned_local"].help_text = _("Scheduled. Use “Reschedule…” below to move it.")
        if "title" in self.fields:
            self.fields["title"].required = False
            if post.pk and not post.has_own_name:  # left empty, it follows the text
                self.initial["title"] = ""
                self.fields["title"].widget.attrs["placeholder"] = post.title

    def clean(self):
        cleaned = super().clean()
        if "title" in self.fields and not cleaned.get("title"):
            self.instance.body = cleaned.get("body") or self.instance.body
            cleaned["title"] = self.instance.first_words
        if not self.instance.slug:
            self.instance.slug = str(self.instance.uuid)
        return cleaned

    def save(self, commit=True):
        post = super().save(commit=commit)
        if post.pk and self.saves_apart:
            self.save_apart(post)
        return post

    def save_apart(self, post) -> None:
        """Saves what belongs to the post and not to a version of it, whether or not the page itself is saved."""
        names = {"planned_local", "planned_timezone", "campaign"} & set(self.changed_data)
        if names:
            type(post).objects.filter(pk=post.pk).update(**{name: getattr(post, name) for name in names})
        if "labels" in self.changed_data:
            type(post).objects.get(pk=post.pk).labels.set(self.cleaned_data["labels"])
