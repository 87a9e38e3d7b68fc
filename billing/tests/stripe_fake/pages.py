"""Stripe's pages for people, as plain as can be: to pay, to manage a plan, and to let time go on.

What a page's form posts is one deed of `account`; the answer leads to where Stripe would lead.
"""

import html
from datetime import UTC, datetime

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body {{ max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif }}
form {{ margin: .5rem 0 }} td {{ padding-right: 1.5rem }}</style>
<p><small>Stand-in for Stripe: no money moves. Its clock says {now}.</small></p><h1>{title}</h1>{body}</html>"""
DAY = 86400


class Pages:
    """`answer` shows a page, or does what its form says and names the address that follows."""

    def __init__(self, account):
        self.account = account

    def answer(self, method, path, params):
        """(status, address to go to, page) of a request."""
        show, act = {
            "c": (self.checkout, self.pay),
            "p": (self.portal, self.manage),
            "i": (self.invoice, self.settle),
            "": (self.overview, self.let_pass),
        }.get(path.split("/")[1], (None, None))
        if show is None:
            return 404, None, "There is no such page."
        last = path.rpartition("/")[2]
        if method == "POST":
            return 303, act(last, params), ""
        title, body = show(last)
        return 200, None, PAGE.format(title=html.escape(title), now=_day(self.account.now, time=True), body=body)

    def checkout(self, session_id):
        session = self.account.find("checkout/sessions", session_id)
        price, wanted = self.account.session_items[session_id]
        if session["status"] != "open":
            return "This page is no longer open", ""
        trial = f"<p>Free for {wanted['trial_period_days']} days.</p>" if "trial_period_days" in wanted else ""
        code = "<p><label>Promotion code <input name=code></label></p>" if session["allow_promotion_codes"] else ""
        return "Subscribe", (
            f"<p>{_price(price)}</p>{trial}<form method=post>{code}<button>Subscribe</button></form>"
            f"<p><a href='{html.escape(session['cancel_url'])}'>Back</a></p>"
        )

    def pay(self, session_id, params):
        code = params.get("code")
        self.account.complete_checkout(session_id, promotion_code=code if code in self.account.coupons else None)
        session = self.account.find("checkout/sessions", session_id)
        return session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id)

    def portal(self, session_id):
        session = self.account.find("billing_portal/sessions", session_id)
        flow = (session["flow"] or {}).get("type")
        features, subscription = self.account.portal_of(session_id)
        back = f"<p><a href='{html.escape(session['return_url'])}'>Return</a></p>"
        if subscription is None:
            return "Your plan", f"<p>There is none.</p>{self._invoices(session['customer'])}{back}"
        item = subscription["items"]["data"][0]
        body = f"<p>{_price(item['price'])}, until {_day(item['current_period_end'])}</p>"
        if flow == "subscription_update_confirm":
            confirm = session["flow"]["subscription_update_confirm"]["items"][0]["price"]
            wanted = self.account.find("prices", confirm)
            return "Confirm the change", f"{body}<p>New: {_price(wanted)}</p>{_button('switch', 'Confirm')}{back}"
        if flow == "subscription_cancel":
            return "Cancel the plan", f"{body}{_button('cancel', 'Cancel plan')}{back}"
        if subscription["schedule"]:
            body += _button("release", "Cancel the scheduled update")
        elif subscription["cancel_at_period_end"]:
            body += _button("resume", "Don't cancel plan")
        else:
            for offered in features["subscription_update"]["products"]:
                for price_id in set(offered["prices"]) - {item["price"]["id"]}:
                    wanted = self.account.find("prices", price_id)
                    body += _button("switch", f"Change to {_price(wanted)}", price=price_id)
            body += _button("cancel", "Cancel plan")
        body += _button("decline", "Use a card that is declined") + _button("accept", "Use a card that works")
        return "Your plan", body + self._invoices(session["customer"]) + back

    def manage(self, session_id, params):
        session = self.account.find("billing_portal/sessions", session_id)
        deed = params["deed"]
        if deed == "switch":
            self.account.switch_in_portal(session_id, params.get("price"))
        elif deed == "cancel":
            self.account.cancel_in_portal(session_id)
        elif deed == "resume":
            self.account.resume_in_portal(session_id)
        elif deed == "release":
            _features, subscription = self.account.portal_of(session_id)
            self.account.release_schedule(self.account.find("subscription_schedules", subscription["schedule"]))
        elif deed == "decline":
            self.account.card_is_declined(session["customer"])
        elif deed == "accept":
            self.account.card_works_again(session["customer"])
        after = (session["flow"] or {}).get("after_completion") or {}
        return after.get("redirect", {}).get("return_url") or f"/p/session/{session_id}"

    def invoice(self, invoice_id):
        invoice = self.account.find("invoices", invoice_id)
        button = _button("accept", "Pay with a card that works") if invoice["status"] == "open" else ""
        return f"Invoice {invoice['number']}", f"<p>{_money(invoice['total'])}: {invoice['status']}</p>{button}"

    def settle(self, invoice_id, params):
        self.account.card_works_again(self.account.find("invoices", invoice_id)["customer"])
        return f"/i/{invoice_id}"

    def overview(self, _last):
        rows = "".join(
            f"<tr><td>{html.escape(customer.get('name') or customer['id'])}<td>{each['status']}"
            f"<td>{_price(each['items']['data'][0]['price'])}<td>{_day(each['items']['data'][0]['current_period_end'])}"
            for each in self.account.stores["subscriptions"].values()
            for customer in [self.account.stores["customers"][each["customer"]]]
        )
        jumps = "".join(_button("pass", f"Let {days} days pass", days=str(days)) for days in (1, 8, 32))
        return "Account", f"<table>{rows or '<tr><td>Nobody has subscribed.'}</table>{jumps}"

    def let_pass(self, _last, params):
        self.account.advance(days=int(params["days"]))
        return "/"

    def _invoices(self, customer_id):
        return "".join(
            f"<p><a href='{html.escape(each['hosted_invoice_url'])}'>{each['number']}</a> "
            f"{_money(each['total'])} {each['status']}</p>"
            for each in self.account.stores["invoices"].values()
            if each["customer"] == customer_id
        )


def _button(deed, text, **fields):
    fields["deed"] = deed
    hidden = "".join(f"<input type=hidden name={name} value='{value}'>" for name, value in fields.items())
    return f"<form method=post>{hidden}<button>{html.escape(text)}</button></form>"


def _price(price):
    return f"{price['nickname']}: {_money(price['unit_amount'])} a {price['recurring']['interval']}"


def _money(cents):
    return f"${cents / 100:,.2f}"


def _day(timestamp, *, time=False):
    return f"{datetime.fromtimestamp(timestamp, UTC):%d %B %Y{', %H:%M UTC' if time else ''}}"
