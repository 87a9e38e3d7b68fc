"""Stripe's API over HTTP on loopback, and the signature of its webhooks."""

import contextlib
import hashlib
import hmac
import json
import re
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from . import objects
from .pages import Pages
from .shapes import Refused, check, params_type, unflatten

# path → the SDK's name of its parameters' type, for each method
RESOURCES = {
    "products": "Product",
    "prices": "Price",
    "customers": "Customer",
    "checkout/sessions": "checkout.Session",
    "subscriptions": "Subscription",
    "subscription_schedules": "SubscriptionSchedule",
    "invoices": "Invoice",
    "payment_methods": "PaymentMethod",
    "billing_portal/sessions": "billing_portal.Session",
    "billing_portal/configurations": "billing_portal.Configuration",
    "webhook_endpoints": "WebhookEndpoint",
    "events": "Event",
}
CREATED_ONLY_BY_STRIPE = {"subscriptions", "subscription_schedules", "invoices", "payment_methods", "events"}

# (method, last part of the path) → what it does, for which kinds, and the SDK's name of its parameters' type
SUB_RESOURCES = {
    ("POST", "expire"): ("expire", {"checkout/sessions"}, "checkout.SessionExpireParams"),
    ("POST", "release"): ("release", {"subscription_schedules"}, "SubscriptionScheduleReleaseParams"),
    ("GET", "line_items"): ("line_items", {"checkout/sessions"}, "checkout.SessionListLineItemsParams"),
    ("GET", "lines"): ("lines", {"invoices"}, "InvoiceListLinesParams"),
    ("GET", "features"): ("features", {"products"}, "ProductListFeaturesParams"),
}


def typed(value):
    """A form knows only text: what says true or false is a boolean."""
    if isinstance(value, dict):
        return {name: typed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    return {"true": True, "false": False}.get(value, value)


class StripeServer:
    """Serves one account. Use as a context manager; `url` is what STRIPE_API_BASE takes."""

    SECRET_KEY = "sk_test_fakeContentStudio00000000"

    def __init__(self, account, *, port=0, for_people=False):
        """`for_people`: with pages for browsers, and news that go out by themselves."""
        self.account = account
        self.requests = []  # (method, path, parameters) of each request
        self.answers = {}  # idempotency key → (request, answer)
        self.sent = []  # (type of an event, how our endpoint answered), where news go out by themselves
        self.down = False
        self.lock = threading.Lock()  # of the account
        self.handing_out = threading.Lock()
        fake, pages = self, Pages(account) if for_people else None

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body in one packet

            def answer(self):
                split = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                form = self.rfile.read(length).decode() if length else ""
                params = unflatten(parse_qsl(form or split.query, keep_blank_values=True))
                with fake.lock:
                    if pages and not split.path.startswith("/v1/"):
                        status, location, page = pages.answer(self.command, split.path, params)
                        kind, payload = "text/html; charset=utf-8", page.encode()
                    else:
                        status, body = fake.handle(self.command, split.path, params, self.headers)
                        kind, location, payload = "application/json", None, json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(payload)))
                if location:
                    self.send_header("Location", location)
                self.send_header("Request-Id", f"req_{len(fake.requests)}")
                if status >= 500:
                    self.send_header("Stripe-Should-Retry", "false")
                self.end_headers()
                self.wfile.write(payload)
                if pages and self.command != "GET":
                    threading.Thread(target=fake.hand_out, daemon=True).start()

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *args):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        if for_people:
            account.pages = dict.fromkeys(account.pages, self.url)

    def __enter__(self):
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self._http.shutdown()
        self._http.server_close()

    def handle(self, method, path, params, headers):
        self.requests.append((method, path, params))
        try:
            if self.down:
                raise Refused("Stripe is down.", status=503, type="api_error")
            if headers.get("Authorization") != f"Bearer {self.SECRET_KEY}":
                raise Refused("Invalid API Key provided.", status=401)
            key = headers.get("Idempotency-Key") if method == "POST" else None
            request = (path, json.dumps(params, sort_keys=True))
            if key in self.answers:
                earlier, answer = self.answers[key]
                if earlier != request:
                    raise Refused(
                        "Keys for idempotent requests can only be used with the same parameters they were first used "
                        "with.",
                        type="idempotency_error",
                    )
                return 200, answer
            answer = json.loads(json.dumps(self.route(method, path, params)))
            if key:
                self.answers[key] = (request, answer)
            return 200, answer
        except Refused as refused:
            return refused.status, refused.body

    def route(self, method, path, params):
        if (method, path) == ("GET", "/v1/account"):
            return self.account.account
        match = re.fullmatch(r"/v1/((?:checkout|billing_portal)/\w+|\w+)(?:/(\w+))?(?:/(\w+))?", path)
        kind, object_id, sub = match.groups() if match else (None, None, None)
        unknown = Refused(f"Unrecognized request URL ({method}: {path}).", status=404)
        if kind not in RESOURCES:
            raise unknown
        if sub:
            deed, of, params_name = SUB_RESOURCES.get((method, sub), (None, None, None))
            if kind not in (of or ()):
                raise unknown
            check(params, params_type(params_name))
            return getattr(self, deed)(kind, object_id)
        verb = {
            ("GET", True): "Retrieve",
            ("GET", False): "List",
            ("POST", False): "Create",
            ("POST", True): "Update",
            ("DELETE", True): "Cancel" if kind == "subscriptions" else "Delete",
        }.get((method, bool(object_id)))
        if verb is None or (verb == "Create" and kind in CREATED_ONLY_BY_STRIPE):
            raise unknown
        check(params, params_type(f"{RESOURCES[kind]}{verb}Params"))
        params.pop("expand", None)
        return getattr(self, verb.lower())(kind, object_id, params)

    def expire(self, kind, object_id):
        session = self.account.find(kind, object_id)
        if session["status"] != "open":
            raise Refused(f'Only Checkout Sessions with a status in ["open"] can be expired, not {session["status"]}.')
        session.update(status="expired", url=None)
        return session

    def release(self, kind, object_id):
        return self.account.release_schedule(self.account.find(kind, object_id))

    def lines(self, kind, object_id):
        return self.account.find(kind, object_id)["lines"]

    def features(self, kind, object_id):
        self.account.find(kind, object_id)
        return objects.listing([], f"/v1/products/{object_id}/features")

    def line_items(self, kind, object_id):
        self.account.find(kind, object_id)
        price, _data = self.account.session_items[object_id]
        line = {"id": objects.new_id("li"), "object": "item", "price": price, "quantity": 1}
        return objects.listing([line], f"/v1/{kind}/{object_id}/line_items")

    def retrieve(self, kind, object_id, params):
        return self.account.find(kind, object_id)

    def list(self, kind, object_id, params):
        newest_first = reversed(self.account.stores[kind].values())
        found = [each for each in newest_first if not each.get("deleted")]
        limit = int(params.pop("limit", 10))
        after = params.pop("starting_after", None)
        keys = params.pop("lookup_keys", None)
        status = params.pop("status", None)
        if keys is not None:
            found = [each for each in found if each.get("lookup_key") in keys]
        if kind == "subscriptions" and status != "all":
            found = [
                each for each in found if each["status"] == status or (not status and each["status"] != "canceled")
            ]
        elif status and status != "all":
            found = [each for each in found if each["status"] == status]
        for name, value in params.items():
            if name == "ids":
                found = [each for each in found if each["id"] in value]
            elif name == "created":
                found = [each for each in found if each["created"] >= int(value.get("gte", 0))]
            else:
                wanted = {"true": True, "false": False}.get(value, value)
                found = [each for each in found if each.get(name) == wanted]
        if after:
            ids = [each["id"] for each in found]
            found = found[ids.index(after) + 1 :]
        return objects.listing(found[:limit], f"/v1/{kind}", has_more=len(found) > limit)

    def create(self, kind, object_id, params):
        account = self.account
        if kind == "webhook_endpoints":
            endpoint = account.add(kind, objects.webhook_endpoint(account.now, params))
            return {**endpoint, "secret": self.signing_secret}
        if kind == "customers":
            customer = account.add(kind, objects.customer(account.now, params))
            account.tell("customer.created", customer)
            return customer
        if kind == "billing_portal/configurations":
            return account.add(kind, objects.portal_configuration(account.now, typed(params)))
        return {
            "products": account.create_product,
            "prices": account.create_price,
            "checkout/sessions": account.create_session,
            "billing_portal/sessions": account.create_portal_session,
        }[kind](params)

    def update(self, kind, object_id, params):
        found = self.account.find(kind, object_id)
        for name, value in params.items():
            if name == "metadata":
                found["metadata"].update(value)
            elif name != "transfer_lookup_key":
                found[name] = typed(value)
        if kind == "subscriptions" and "cancel_at_period_end" in params:
            ends = found["items"]["data"][0]["current_period_end"]
            found["cancel_at"] = ends if found["cancel_at_period_end"] else None
        told = {"subscriptions": "customer.subscription", "customers": "customer"}.get(kind)
        if told:
            self.account.tell(f"{told}.updated", found, {})
        return found

    def cancel(self, kind, object_id, params):
        return self.account.cancel_now(self.account.find(kind, object_id))

    def delete(self, kind, object_id, params):
        if kind == "customers":
            return self.account.delete_customer(object_id)
        self.account.stores[kind].pop(object_id, None)
        return {"id": object_id, "object": kind.rstrip("s"), "deleted": True}

    # Webhooks

    def hand_out(self):
        """Sends what has happened to every endpoint, one after the other, and again where it was not taken."""
        with self.handing_out:
            with self.lock:
                events = self.account.undelivered()
                endpoints = [each["url"] for each in self.account.stores["webhook_endpoints"].values()]
            for event in events:
                body, signature = self.signed(event)
                for url in endpoints:
                    self.sent.append((event["type"], self._send(url, body.encode(), signature)))

    @staticmethod
    def _send(url, body, signature, tries=5):
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        for _try in range(tries):
            with contextlib.suppress(OSError):  # an answer of 400 and more is one too
                request = urllib.request.Request(url, data=body, headers=headers)
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status
            time.sleep(1)
        return None

    signing_secret = "whsec_fakeContentStudio0000000000"

    def signed(self, event, *, secret=None, at=None):
        """The body and the `Stripe-Signature` header of one delivery of an event."""
        body = json.dumps(event)
        timestamp = at or int(time.time())
        signature = hmac.new(
            (secret or self.signing_secret).encode(), f"{timestamp}.{body}".encode(), hashlib.sha256
        ).hexdigest()
        return body, f"t={timestamp},v1={signature}"
