"""News from organizations, for the apps above."""

from django.dispatch import Signal

organization_created = Signal()  # organization, owner; sent inside the transaction that creates both
