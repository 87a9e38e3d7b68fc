"""News from organizations, for the apps above."""

from django.dispatch import Signal

organization_created = Signal()  # organization, owner; sent inside the transaction that creates both
# organization, invited (the invitation, or none before one is sent): a receiver refuses by raising a Problem
person_joining = Signal()
organization_deleted = Signal()  # organization, user; inside the transaction: it can still be brought back
organization_restored = Signal()  # organization, user, deleted_at (since when it was deleted); inside the transaction
organization_erasing = Signal()  # organization; inside the transaction that removes its rows, before they go
