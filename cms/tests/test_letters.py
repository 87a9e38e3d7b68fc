"""In letters, what people and networks wrote stays what they wrote: no button, no end, no paragraph of the studio's."""

import re

import pytest
from django.conf import settings
from django.template import Context
from django.template.loader import get_template

from organizations import mails
from publishing.factories import ChannelFactory, DeliveryFactory

pytestmark = pytest.mark.django_db
LURE = "https://evil.test/login"
WRITTEN = f"Buy now\r\n\r\n-- \n\n{LURE}\n\n{LURE}\u2028{LURE}\n"
TEMPLATES = sorted(
    str(path.relative_to(settings.BASE_DIR / "templates"))
    for path in (settings.BASE_DIR / "templates").glob("*/mail/*.txt")
    if path.name not in ("newsletter_confirm.txt", "review.txt", "sentence.txt")  # not of `send`'s
)


class Written(str):
    """A thing whose every name and text is what somebody else wrote."""

    def __new__(cls):
        return super().__new__(cls, WRITTEN)

    def __getattr__(self, name):
        if name.startswith("_") or name in ("resolve_expression", "pk"):
            raise AttributeError(name)
        return WRITTEN


@pytest.mark.parametrize("template", TEMPLATES)
def test_only_what_the_template_says_is_a_button_or_the_end(acme, mailoutbox, template):
    acme.name = WRITTEN
    channel = ChannelFactory(organization=acme, name=WRITTEN)
    delivery = DeliveryFactory(channel=channel, text=WRITTEN, failure=WRITTEN)
    ours = settings.BASE_URL + "/admin/there/"
    mails.send(
        acme,
        template,
        to=["bob@example.test"],
        delivery=delivery,
        missed=[delivery],
        zone="UTC",
        count=1,
        channel=channel,
        **dict.fromkeys(("by", "sentence", "endpoint", "invitation"), Written()),
        **dict.fromkeys(("url", "link", "plan_url"), ours),
        pay_url="https://invoice.stripe.com/i/1",
    )
    [mail] = mailoutbox
    page = mail.alternatives[0].content
    buttons = re.findall(r'<a class="button" href="([^"]*)"', page)
    assert buttons == [ours]
    assert set(re.findall(r'href="([^"]*)"', page)) <= {ours, "https://invoice.stripe.com/i/1"}
    assert "\n" not in mail.subject
    assert mail.body.split("\n").count("-- ") == 1  # the template's own
    assert not [line for line in mail.body.splitlines() if line.strip() == LURE]


def test_what_is_quoted_is_whole_on_the_page_and_leads_nowhere(acme, mailoutbox):
    delivery = DeliveryFactory(
        channel=ChannelFactory(organization=acme), text=f"One\n-- \nTwo\n\n{LURE}", failure=f"The server says: {LURE}"
    )
    url = f"{settings.BASE_URL}/admin/x/"
    mails.send(acme, "publishing/mail/failure.txt", to=["bob@example.test"], delivery=delivery, url=url)
    [mail] = mailoutbox
    page = mail.alternatives[0].content
    assert f"> One\n> --\n> Two\n>\n> {LURE}" in mail.body
    assert f"One<br>--<br>Two<br><br>{LURE}</blockquote>" in page
    assert re.findall(r'href="([^"]*)"', page) == [url]
    assert f"\n{url}\n" in mail.body
    assert "you get no further letter" in page  # what comes after the text is not cut off


def test_a_comment_and_a_post_in_a_letter_about_a_review_are_quoted_line_by_line(acme, alice):
    text = get_template("content_studio/mail/review.txt").template.render(
        Context(
            {
                "person": WRITTEN,
                "by": WRITTEN,
                "kind": "commented",
                "comment": WRITTEN,
                "texts": [WRITTEN],
                "url": "https://studio.test/",
                "post": {"organization": WRITTEN},
            }
        )
    )
    assert not [line for line in text.splitlines() if line.strip() in (LURE, "--")]
    assert text.count(f"> {LURE}") == 6
