"""A stand-in for Stripe that keeps state and answers over real HTTP on loopback.

`shapes` knows what Stripe's published API takes and gives, `account` what
happens inside of Stripe (payments, renewals, the clock), `server` speaks HTTP.
"""

from .account import StripeAccount
from .server import StripeServer

__all__ = ["StripeAccount", "StripeServer"]
