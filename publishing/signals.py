"""News from the publishing engine, for the apps above."""

from django.dispatch import Signal

deliveries_moved = Signal()  # deliveries; in the transaction in which people moved them to another time
delivery_finished = Signal()  # delivery; after its state became published, failed, unknown or cancelled
