"""How a brand sounds, as a provider is told it."""

import re
from dataclasses import dataclass, field

from publishing.networks import NetworkRules


@dataclass(frozen=True)
class Voice:
    """A brand's way of writing. Plain values: `models.BrandVoice` keeps it, prompts and checks use it."""

    name: str
    description: str = ""
    dos: tuple[str, ...] = ()
    donts: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()  # "colleagues" or "clients instead of customers"
    habits: dict[str, str] = field(default_factory=dict)  # by network

    def as_rules(self, rules: NetworkRules) -> str:
        """The voice as instructions for one network."""
        parts = [f"Voice of the brand “{self.name}”. {self.description}".strip()]
        parts += [f"Do: {each}" for each in self.dos]
        parts += [f"Do not: {each}" for each in self.donts]
        if self.banned:
            parts.append(f"Never use these words: {', '.join(self.banned)}.")
        if self.preferred:
            parts.append(f"Prefer these words: {', '.join(self.preferred)}.")
        if habit := self.habits.get(rules.key):
            parts.append(f"On {rules.name}: {habit}")
        if self.samples:
            samples = "\n".join(f"<sample>\n{each}\n</sample>" for each in self.samples)
            parts.append(f"Posts that sound right, for their style only, not for their content:\n{samples}")
        return "\n".join(parts)

    def banned_in(self, text: str) -> list[str]:
        """The banned words that stand in `text`, as whole words, in any case."""
        return [word for word in self.banned if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)]
