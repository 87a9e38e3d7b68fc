"""What one click in the editor can do about a finding of the checks."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from publishing.networks import Finding


@dataclass(frozen=True)
class Fix:
    """`how` is a method of the editor's script, `text` what it works with."""

    how: str
    label: Any
    text: str = ""


_BY_CODE = {
    "text_too_long": Fix("shorten", _("Shorten with AI")),
    "alt_missing": Fix("describe", _("Describe it")),
    "alt_too_long": Fix("describe", _("Go to it")),
    "disclosure_missing": Fix("append", _("Add #ad"), "#ad"),
    "partnership_undisclosed": Fix("append", _("Add #ad"), "#ad"),
    "banned_word": Fix("rewrite", _("Say it another way with AI")),
    "link_broken": Fix("go", _("Go to it")),
    "link_leads_nowhere": Fix("go", _("Go to it")),
    "link_not_secure": Fix("go", _("Go to it")),
    "to_fill_in": Fix("go", _("Go to it")),
    "too_many_hashtags": Fix("go", _("Go to it")),
    "too_many_hashtags_here": Fix("go", _("Go to it")),
}


def fix_for(finding: Finding) -> Fix | None:
    if finding.code == "ai_label_missing":
        label = re.search(r"“(.+)”", finding.message)
        return Fix("append", _("Add the label"), label[1]) if label else None
    return _BY_CODE.get(finding.code)
