"""News from organizations, for the apps above."""

from django.dispatch import Signal

organization_created = Signal()  # organization, owner; sent inside the transaction that creates both
# organization, invited (the invitation, or none before one is sent): a receiver refuses by raising a Problem
person_joining = Signal()
