"""News from the publishing engine, for the apps above."""

from django.dispatch import Signal

delivery_finished = Signal()  # delivery; after its state became published, failed, unknown or cancelled
