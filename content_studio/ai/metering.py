"""One use of a provider from permission to bill: nothing is charged unless it succeeds, nothing stays reserved.

run = begin(...)             # permission, reservation, a Generation row
with run.or_fail():          # whatever goes wrong inside releases the tokens
    ... ask the provider ... # no transaction is open meanwhile
    run.finish(...)          # charges, inside the transaction that keeps the result
"""

import logging
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from billing import quotas, throttles
from billing.entitlements import standing_of
from organizations.problems import Problem
from organizations.roles import Action, require

from .base import MAX_OUTPUT_TOKENS, Provider, ProviderError, Question
from .fitting import Fitted
from .models import Generation

logger = logging.getLogger(__name__)

# Room for one correction of a usual size on top of what a single exchange costs at most.
CORRECTION_TOKENS = 1_000


@dataclass
class Run:
    """A use of a provider under way."""

    generation: Generation
    provider: Provider
    question: Question
    reservation: quotas.Reservation
    fitted: Fitted = field(default_factory=Fitted)

    @property
    def budget(self) -> int:
        """What may be spent, in the provider's tokens, without passing what is reserved."""
        return self.reservation.tokens * settings.PROVIDER_TOKENS_PER_TOKEN

    @contextmanager
    def or_fail(self):
        """Whatever is raised inside gives the tokens back and is kept with the generation."""
        try:
            yield self
        except BaseException as error:
            self._fail(error)
            raise

    def finish(self, *, segments: list[str], counts: Iterable[dict] = (), post=None) -> Generation:
        """Charges what was used and completes the record. Called inside the transaction that keeps the result."""
        generation = self.generation
        generation.state = Generation.State.DONE
        generation.segments = segments
        generation.counts = list(counts)
        generation.shortened = self.fitted.shortened
        if post is not None:
            generation.post = post
            generation.revision_id = post.latest_revision_id
        self._record()
        generation.tokens_charged = quotas.settle(
            self.reservation,
            provider_tokens=self.fitted.provider_tokens,
            provider=self.provider.key,
            model=generation.model,
        )
        generation.tokens_left = self.reservation.left
        generation.save(force_insert=True)
        return generation

    def _fail(self, error: BaseException) -> None:
        quotas.release(self.reservation)
        generation = self.generation
        generation.state = Generation.State.FAILED
        if isinstance(error, Problem):
            generation.failure, generation.failure_kind = error.detail, error.slug
        elif isinstance(error, GeneratorExit):
            generation.failure, generation.failure_kind = _("The person went away while it was written."), "left"
        else:
            generation.failure, generation.failure_kind = _("Something went wrong here; it was reported."), "internal"
        if isinstance(error, ProviderError) and error.raw:
            self.fitted.exchanges.append({"asked": self.question.turns[-1].text, "answered": error.raw, "failed": True})
        self._record()
        generation.save(force_insert=True)
        logger.warning(
            "generation failed",
            extra={"generation": str(generation.pk), "provider": self.provider.key, "kind": generation.failure_kind},
        )

    def _record(self) -> None:
        generation = self.generation
        generation.model = self.fitted.model or self.provider.model
        generation.exchange = self.fitted.exchanges
        generation.provider_tokens = self.fitted.provider_tokens
        generation.finished_at = timezone.now()


def begin(*, organization, user, provider: Provider, question: Question, **asked) -> Run:
    """Checks the role and reserves tokens. Raises Forbidden, TooManyRequests or QuotaExceeded.

    `asked` are the Generation's fields that say what was asked.
    """
    require(user, Action.GENERATE, organization=organization)
    standing = standing_of(organization)
    throttles.take_for(organization, ai=True, standing=standing)
    most = quotas.tokens_for(question.most_tokens() + CORRECTION_TOKENS)
    reservation = quotas.reserve(organization, tokens=most, user=user, standing=standing)
    # Not saved yet: the record is written once, when it is known what came of it. Of a process
    # that dies meanwhile the ledger has the reservation, which `billing.quotas.sweep` releases.
    generation = Generation(
        organization=organization,
        user=user,
        provider=provider.key,
        model=provider.model,
        reservation=reservation.pk,
        **asked,
    )
    return Run(generation=generation, provider=provider, question=question, reservation=reservation)


def least_tokens() -> int:
    """What every use of a provider sets aside at least, however little it asks."""
    return quotas.tokens_for(MAX_OUTPUT_TOKENS + CORRECTION_TOKENS + 1)


def opaque_id(user) -> str:
    """Names a person to a provider, who can trace abuse with it but not whom it means."""
    return salted_hmac("content_studio.ai.person", str(user.pk)).hexdigest()
