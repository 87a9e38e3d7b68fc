"""`python -m billing.tests.stripe_fake`: a Stripe to try plans with on one's own machine. docs/billing.md says how."""

import argparse
import contextlib
import threading

from . import StripeAccount, StripeServer


def main():
    parser = argparse.ArgumentParser(description="A stand-in for Stripe on this machine. No money moves.")
    parser.add_argument("--port", type=int, default=12111)
    port = parser.parse_args().port
    account = StripeAccount()
    account.coupons["WELCOME"] = {"percent_off": 50}
    with StripeServer(account, port=port, for_people=True) as server, contextlib.suppress(KeyboardInterrupt):
        print(f"Stripe's stand-in answers at {server.url}/ with the promotion code WELCOME. In another terminal:\n")
        print(f"  export STRIPE_SECRET_KEY={server.SECRET_KEY} STRIPE_API_BASE={server.url}")
        print("  .venv/bin/python manage.py billing_sync && bin/start", flush=True)
        threading.Event().wait()


main()
