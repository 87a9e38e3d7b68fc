"""What happens inside of Stripe: customers pay or fail to, subscriptions renew, time goes on.

Amounts are in cents, times in seconds since 1970, as in Stripe's API.
"""

import calendar
import copy
from datetime import UTC, datetime, timedelta

from . import objects
from .shapes import Refused

RETRY_DAYS = (3, 5, 7)  # Stripe's payment retries, counted from the first failure


class StripeAccount:
    """One Stripe account with everything in it, and its own clock."""

    def __init__(self, now=None):
        self.now = now or int(datetime.now(UTC).timestamp())
        self.account = objects.account(self.now)
        self.stores = {
            kind: {}
            for kind in (
                "products",
                "prices",
                "customers",
                "checkout/sessions",
                "subscriptions",
                "subscription_schedules",
                "invoices",
                "payment_methods",
                "billing_portal/sessions",
                "billing_portal/configurations",
                "webhook_endpoints",
                "events",
            )
        }
        self.delivered = 0  # how many of the events have been handed out
        self.declining = set()  # customers whose card is declined
        self.coupons = {}  # promotion code → coupon
        self.lasting = {}  # subscription → its coupon that lasts for ever
        self.pages = objects.PAGES  # where the pages are that people see
        self.session_items = {}
        self.tax_percent = 0

    # What is in it

    def find(self, kind, object_id):
        try:
            return self.stores[kind][object_id]
        except KeyError:
            name = kind.rpartition("/")[2].rstrip("s").replace("_", " ")
            raise Refused(f"No such {name}: '{object_id}'", status=404, code="resource_missing", param="id") from None

    def add(self, kind, data):
        self.stores[kind][data["id"]] = data
        return data

    def tell(self, kind, data, previous=None):
        return self.add("events", objects.event(self.now, kind, copy.deepcopy(data), previous))

    def undelivered(self):
        """The events that have not been handed out yet, oldest first."""
        events = list(self.stores["events"].values())[self.delivered :]
        self.delivered = len(self.stores["events"])
        return copy.deepcopy(events)

    @property
    def moment(self):
        return datetime.fromtimestamp(self.now, UTC)

    # What the API's calls do beyond storing

    def create_product(self, params):
        product = self.add("products", objects.product(self.now, params))
        self.tell("product.created", product)
        return product

    def create_price(self, params):
        self.find("products", params["product"])
        key = params.get("lookup_key")
        holder = next((each for each in self.stores["prices"].values() if key and each["lookup_key"] == key), None)
        if holder and params.get("transfer_lookup_key") != "true":
            raise Refused(
                f"A price (`{holder['id']}`) already uses that lookup key.",
                code="resource_already_exists",
                param="lookup_key",
            )
        if holder:
            holder["lookup_key"] = None
        price = self.add("prices", objects.price(self.now, params))
        self.tell("price.created", price)
        return price

    def create_session(self, params):
        if params["mode"] != "subscription" or not params.get("line_items"):
            raise Refused("You must pass recurring `line_items` in subscription mode.", param="line_items")
        customer = self.find("customers", params["customer"])
        if customer.get("deleted"):
            raise Refused(f"No such customer: '{customer['id']}'", code="resource_missing", param="customer")
        if params.get("allow_promotion_codes") and params.get("discounts"):
            raise Refused("You may only specify one of these parameters: allow_promotion_codes, discounts.")
        price = self.find("prices", params["line_items"][0]["price"])
        if not price["active"]:
            raise Refused("The price specified is inactive.", param="line_items[0][price]")
        trial = params.get("subscription_data", {}).get("trial_period_days")
        if trial is not None and int(trial) < 1:
            raise Refused("The minimum number of trial period days is 1.")
        session = objects.checkout_session(self.now, params, amount=price["unit_amount"])
        self.session_items[session["id"]] = (price, params.get("subscription_data", {}))
        session["url"] = f"{self.pages['checkout']}/c/pay/{session['id']}"
        return self.add("checkout/sessions", session)

    def create_portal_session(self, params):
        self.find("customers", params["customer"])
        configurations = self.stores["billing_portal/configurations"]
        configuration = params.get("configuration")
        if configuration is None or configuration not in configurations:
            raise Refused("No configuration provided and your test mode default configuration has not been created.")
        flow = params.get("flow_data", {})
        if flow.get("type") == "subscription_update_confirm":
            wanted = flow["subscription_update_confirm"]
            if self.find("subscriptions", wanted["subscription"])["status"] == "canceled":
                raise Refused("This subscription cannot be updated because it is canceled.")
            features = configurations[configuration]["features"]["subscription_update"]
            offered = [price for product in features["products"] for price in product["prices"]]
            if wanted["items"][0]["price"] not in offered:
                raise Refused("The price is not among those that the configuration offers.")
        session = objects.portal_session(self.now, params, configuration=configuration)
        session["url"] = f"{self.pages['portal']}/p/session/{session['id']}"
        return self.add("billing_portal/sessions", session)

    def cancel_now(self, subscription, *, reason="cancellation_requested"):
        subscription.update(status="canceled", canceled_at=self.now, ended_at=self.now)
        subscription["cancellation_details"]["reason"] = reason
        self.tell("customer.subscription.deleted", subscription)
        if subscription["schedule"]:
            schedule = self.find("subscription_schedules", subscription["schedule"])
            schedule.update(status="canceled", canceled_at=self.now, current_phase=None)
            self.tell("subscription_schedule.canceled", schedule)
        return subscription

    def release_schedule(self, schedule):
        """What was planned does not happen, and the subscription goes on as it is."""
        if schedule["status"] not in ("not_started", "active"):
            raise Refused(f"You cannot release a schedule that is {schedule['status']}.")
        subscription = self.find("subscriptions", schedule["subscription"])
        schedule.update(
            status="released",
            released_at=self.now,
            released_subscription=subscription["id"],
            subscription=None,
            current_phase=None,
        )
        subscription["schedule"] = None
        self.tell("subscription_schedule.released", schedule)
        self.tell("customer.subscription.updated", subscription, {"schedule": schedule["id"]})
        return schedule

    def delete_customer(self, customer_id):
        customer = self.find("customers", customer_id)
        for subscription in self.stores["subscriptions"].values():
            if subscription["customer"] == customer_id and subscription["status"] != "canceled":
                self.cancel_now(subscription)
        self.tell("customer.deleted", customer)
        self.stores["customers"][customer_id] = {"id": customer_id, "object": "customer", "deleted": True}
        return self.stores["customers"][customer_id]

    # What a person does on Stripe's pages

    def complete_checkout(self, session_id, *, promotion_code=None):
        """The person fills in a card and pays. Returns the subscription."""
        session = self.find("checkout/sessions", session_id)
        if session["status"] != "open":
            raise AssertionError("this checkout page is no longer open")
        price, wanted = self.session_items[session_id]
        customer = self.find("customers", session["customer"])
        method = self.add("payment_methods", objects.payment_method(self.now, customer["id"]))
        days = int(wanted.get("trial_period_days", 0))
        trial_end = self.now + days * 86400 if days else None
        subscription = objects.subscription(
            self.now,
            {
                "customer": customer["id"],
                "payment_method": method["id"],
                "metadata": wanted.get("metadata", {}),
                "automatic_tax": session["automatic_tax"]["enabled"],
            },
            trial_end=trial_end,
        )
        ends = trial_end or self._after(self.now, price)
        item = objects.subscription_item(self.now, subscription["id"], price, starts=self.now, ends=ends)
        subscription["items"] = objects.listing([item], f"/v1/subscription_items?subscription={subscription['id']}")
        self.add("subscriptions", subscription)
        customer["currency"] = "usd"
        self.tell("payment_method.attached", method)
        self.tell("customer.subscription.created", subscription)
        coupon = None
        if promotion_code:
            assert session["allow_promotion_codes"], "the page has no field for a promotion code"
            coupon = self.coupons[promotion_code]
            if coupon.get("duration") == "forever":
                self.lasting[subscription["id"]] = coupon
        invoice = self._bill(
            subscription, [self._line(price, 0 if trial_end else price["unit_amount"])], "subscription_create", coupon
        )
        session.update(
            status="complete",
            payment_status="paid" if invoice["amount_paid"] else "no_payment_required",
            subscription=subscription["id"],
            invoice=invoice["id"],
            amount_total=invoice["total"],
            url=None,
        )
        self.tell("checkout.session.completed", session)
        return subscription

    def portal_of(self, portal_session_id):
        """What a portal's page may do, and the subscription that it is about; None where there is none."""
        session = self.find("billing_portal/sessions", portal_session_id)
        features = self.find("billing_portal/configurations", session["configuration"])["features"]
        running = (
            each
            for each in self.stores["subscriptions"].values()
            if each["customer"] == session["customer"] and each["status"] != "canceled"
        )
        return features, next(running, None)

    def cancel_in_portal(self, portal_session_id):
        """The person presses “Cancel plan”."""
        features, subscription = self.portal_of(portal_session_id)
        assert features["subscription_cancel"]["enabled"], "the portal has no button to cancel"
        if features["subscription_cancel"]["mode"] == "immediately":
            return self.cancel_now(subscription)
        subscription.update(
            cancel_at_period_end=True,
            cancel_at=subscription["items"]["data"][0]["current_period_end"],
            canceled_at=self.now,
        )
        self.tell("customer.subscription.updated", subscription, {"cancel_at_period_end": False})
        return subscription

    def resume_in_portal(self, portal_session_id):
        """The person presses “Don't cancel plan”."""
        _features, subscription = self.portal_of(portal_session_id)
        subscription.update(cancel_at_period_end=False, cancel_at=None, canceled_at=None)
        self.tell("customer.subscription.updated", subscription, {"cancel_at_period_end": True})
        return subscription

    def switch_in_portal(self, portal_session_id, price_id=None):
        """The person confirms another plan: now, or at the period's end where the configuration says so."""
        features, subscription = self.portal_of(portal_session_id)
        update = features["subscription_update"]
        assert update["enabled"], "the portal has no button to change the plan"
        flow = self.find("billing_portal/sessions", portal_session_id)["flow"]
        price_id = price_id or flow["subscription_update_confirm"]["items"][0]["price"]
        price = self.find("prices", price_id)
        assert any(price_id in product["prices"] for product in update["products"]), "the portal does not offer this"
        item = subscription["items"]["data"][0]
        assert not subscription["schedule"], "Stripe would queue one change behind the other"
        conditions = {each["type"] for each in update.get("schedule_at_period_end", {}).get("conditions", [])}
        cheaper = price["unit_amount"] < item["price"]["unit_amount"]
        shorter = (price["recurring"]["interval"], item["price"]["recurring"]["interval"]) == ("month", "year")
        if ("shortening_interval" in conditions and shorter) or (
            "decreasing_item_amount" in conditions and cheaper and not shorter
        ):
            return self._change_later(subscription, price)
        self.change_price(
            subscription,
            price,
            anchor_now=update.get("billing_cycle_anchor") == "now"
            or price["recurring"]["interval"] != item["price"]["recurring"]["interval"],
            invoice_now=update["proration_behavior"] == "always_invoice",
        )
        return subscription

    def _change_later(self, subscription, price):
        """Another price from the period's end, as the portal plans it: a schedule of two phases."""
        item = subscription["items"]["data"][0]
        ends = item["current_period_end"]
        phases = [(item["price"], item["current_period_start"], ends), (price, ends, self._after(ends, price))]
        schedule = objects.subscription_schedule(self.now, subscription, phases)
        self.add("subscription_schedules", schedule)
        subscription["schedule"] = schedule["id"]
        self.tell("subscription_schedule.created", schedule)
        self.tell("customer.subscription.updated", subscription, {"schedule": None})
        return subscription

    def change_price(self, subscription, price, *, anchor_now=False, invoice_now=True):
        """Another price from now on: what is unused is credited, what is new is charged."""
        item = subscription["items"]["data"][0]
        old = item["price"]
        starts, ends = item["current_period_start"], item["current_period_end"]
        left = (ends - self.now) / (ends - starts)
        unused = 0 if subscription["status"] == "trialing" else round(old["unit_amount"] * left)
        item["price"] = price
        if anchor_now:
            subscription["billing_cycle_anchor"] = self.now
            item.update(current_period_start=self.now, current_period_end=self._after(self.now, price))
            if subscription["status"] == "trialing":
                subscription.update(status="active", trial_end=self.now)
        lines = [
            self._line(old, -unused, f"Unused time on {old['nickname']}", proration=True),
            self._line(
                price, price["unit_amount"] if anchor_now else round(price["unit_amount"] * left), proration=True
            ),
        ]
        if invoice_now:
            self._bill(subscription, lines, "subscription_update")
        self.tell("customer.subscription.updated", subscription, {"items": {"data": [{"price": {"id": old["id"]}}]}})

    def card_is_declined(self, customer_id):
        self.declining.add(customer_id)

    def card_works_again(self, customer_id):
        """The person enters a new card; Stripe tries what is open at once."""
        self.declining.discard(customer_id)
        for invoice in list(self.stores["invoices"].values()):
            if invoice["customer"] == customer_id and invoice["status"] == "open":
                self._pay(invoice, self._subscription_of(invoice))

    # Time

    def advance(self, to=None, **delta):
        """Jumps ahead as Stripe's test clocks do: everything due on the way happens at its own moment."""
        target = int(to.timestamp()) if to else self.now + int(timedelta(**delta).total_seconds())
        while True:
            due = [each for each in self._due() if each[0] <= target]
            if not due:
                break
            when, deed, argument = min(due, key=lambda each: each[0])
            self.now = max(self.now, when)
            deed(argument)
        self.now = target

    def _due(self):
        for subscription in self.stores["subscriptions"].values():
            if subscription["status"] in ("active", "trialing", "past_due"):
                yield subscription["items"]["data"][0]["current_period_end"], self._period_ends, subscription
        for invoice in self.stores["invoices"].values():
            if invoice["status"] == "open" and invoice["next_payment_attempt"]:
                yield invoice["next_payment_attempt"], self._retry, invoice

    def _period_ends(self, subscription):
        item = subscription["items"]["data"][0]
        if subscription["cancel_at_period_end"]:
            self.cancel_now(subscription)
            return
        before = {"status": subscription["status"]}
        if subscription["schedule"]:
            self._next_phase(subscription, item)
        if subscription["status"] == "trialing":
            subscription["status"] = "active"
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] = self._after(
            item["current_period_start"], item["price"], anchor=subscription["billing_cycle_anchor"]
        )
        self._bill(subscription, [self._line(item["price"], item["price"]["unit_amount"])], "subscription_cycle")
        self.tell("customer.subscription.updated", subscription, before)

    def _next_phase(self, subscription, item):
        schedule = self.find("subscription_schedules", subscription["schedule"])
        phase = next((each for each in schedule["phases"] if each["start_date"] == item["current_period_end"]), None)
        if phase is None:
            self.release_schedule(schedule)  # its last phase is over
            return
        item["price"] = self.find("prices", phase["items"][0]["price"])
        subscription["billing_cycle_anchor"] = phase["start_date"]
        schedule["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
        self.tell("subscription_schedule.updated", schedule)

    def _retry(self, invoice):
        subscription = self._subscription_of(invoice)
        self._pay(invoice, subscription)
        if invoice["status"] == "open" and not invoice["next_payment_attempt"]:
            self.cancel_now(subscription, reason="payment_failed")

    # Money

    def _subscription_of(self, invoice):
        return self.find("subscriptions", invoice["parent"]["subscription_details"]["subscription"])

    @staticmethod
    def _line(price, amount, description=None, *, proration=False):
        return {
            "price_object": price,
            "amount": amount,
            "description": description or f"1 × {price['nickname']}",
            "proration": proration,
        }

    def _bill(self, subscription, lines, reason, coupon=None):
        item = subscription["items"]["data"][0]
        invoice = objects.invoice(self.now, subscription, reason=reason, number=len(self.stores["invoices"]) + 1)
        invoice["hosted_invoice_url"] = f"{self.pages['invoice']}/i/{invoice['id']}"
        invoice["invoice_pdf"] = f"{self.pages['pdf']}/invoice/{invoice['id']}/pdf"
        starts, ends = item["current_period_start"], item["current_period_end"]
        rows = [objects.invoice_line(invoice["id"], subscription, starts=starts, ends=ends, **line) for line in lines]
        invoice["lines"] = objects.listing(rows, f"/v1/invoices/{invoice['id']}/lines")
        subtotal = total = sum(row["amount"] for row in rows)
        if coupon := coupon or self.lasting.get(subscription["id"]):
            for row in rows:
                off = round(row["amount"] * coupon["percent_off"] / 100)
                row["discount_amounts"] = [{"amount": off, "discount": f"di_{subscription['id']}"}]
                total -= off
        if subscription["automatic_tax"]["enabled"]:
            total += round(total * self.tax_percent / 100)
        due = max(total, 0)
        invoice.update(
            subtotal=subtotal,
            total=total,
            amount_due=due,
            amount_remaining=due,
            status="open",
        )
        invoice["status_transitions"]["finalized_at"] = self.now
        if total < 0:
            self.find("customers", subscription["customer"])["balance"] += total
        self.add("invoices", invoice)
        subscription["latest_invoice"] = invoice["id"]
        self.tell("invoice.created", invoice)
        self.tell("invoice.finalized", invoice)
        self._pay(invoice, subscription)
        return invoice

    def _pay(self, invoice, subscription):
        invoice["attempted"] = True
        invoice["attempt_count"] += 1
        before = subscription["status"]
        if invoice["amount_due"] == 0 or invoice["customer"] not in self.declining:
            invoice.update(
                status="paid", amount_paid=invoice["amount_due"], amount_remaining=0, next_payment_attempt=None
            )
            invoice["status_transitions"]["paid_at"] = self.now
            if before in ("past_due", "unpaid", "incomplete"):
                subscription["status"] = "active"
            self.tell("invoice.paid", invoice)
            self.tell("invoice.payment_succeeded", invoice)
        else:
            made = invoice["created"]
            later = [made + days * 86400 for days in RETRY_DAYS if made + days * 86400 > self.now]
            invoice["next_payment_attempt"] = later[0] if later else None
            subscription["status"] = "past_due"
            self.tell("invoice.payment_failed", invoice)
        if before != subscription["status"]:
            self.tell("customer.subscription.updated", subscription, {"status": before})

    @staticmethod
    def _after(timestamp, price, *, anchor=None):
        """The end of the period that begins at `timestamp`; the anchor's day, or a short month's last."""
        start = datetime.fromtimestamp(timestamp, UTC)
        day = datetime.fromtimestamp(anchor, UTC).day if anchor else start.day
        year, month = start.year, start.month
        if price["recurring"]["interval"] == "year":
            year += 1
        else:
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        day = min(day, calendar.monthrange(year, month)[1])
        return int(start.replace(year=year, month=month, day=day).timestamp())
