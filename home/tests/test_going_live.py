"""What an editor has timed appears and goes at its moment, by itself, and everywhere at once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule
from wagtail.models import Revision
from wagtail.signals import page_published

from home.models import LandingPage, ReusableSection
from home.tasks import publish_what_is_due

from .conftest import page_at

pytestmark = pytest.mark.django_db


def timed(page, *, comes=None, goes=None):
    """`page` as it is after an editor has set a time and pressed *Schedule to publish*."""
    page.go_live_at, page.expire_at = comes, goes
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def comes_to_its_moment(page):
    """As if the hour had passed: what is stored says a moment ago."""
    moment = timezone.now()
    planned = Revision.objects.for_instance(page).get(approved_go_live_at__isnull=False)
    planned.content |= {"go_live_at": moment.isoformat()}
    planned.approved_go_live_at = moment
    planned.save()


@pytest.fixture
def later(home):
    page = LandingPage(
        title="For agencies", slug="for-agencies", summary="Each client has a yes of its own.", live=False
    )
    home.add_child(instance=page)
    return timed(page, comes=timezone.now() + timedelta(hours=1))


def test_the_worker_looks_every_minute(db):
    plan = Schedule.objects.get(name="home.publish_what_is_due")
    assert (plan.func, plan.minutes) == ("home.tasks.publish_what_is_due", 1)


def test_a_page_appears_at_its_moment_and_not_before(later):
    visitor = Client()
    assert publish_what_is_due() == 0
    assert visitor.get("/for-agencies/").status_code == 404
    assert b"/for-agencies/" not in visitor.get("/sitemap.xml").content
    comes_to_its_moment(later)
    assert publish_what_is_due() == 1
    assert visitor.get("/for-agencies/").status_code == 200
    assert b"/for-agencies/" in visitor.get("/sitemap.xml").content
    assert publish_what_is_due() == 0, "once is enough"


def test_a_page_goes_at_its_moment(home):
    page = timed(page_at("about"), goes=timezone.now() + timedelta(hours=1))
    assert publish_what_is_due() == 0
    type(page).objects.filter(pk=page.pk).update(expire_at=timezone.now())
    assert publish_what_is_due() == 1
    page.refresh_from_db()
    assert (page.live, page.expired) == (False, True)
    assert Client().get("/about/").status_code == 404


def test_a_reusable_section_comes_and_goes_as_well(home):
    section = ReusableSection.objects.create(name="Offer", live=False, go_live_at=timezone.now() + timedelta(hours=1))
    section.save_revision().publish()
    comes_to_its_moment(section)
    assert publish_what_is_due() == 1
    section.refresh_from_db()
    assert section.live
    ReusableSection.objects.filter(pk=section.pk).update(expire_at=timezone.now())
    assert publish_what_is_due() == 1
    section.refresh_from_db()
    assert not section.live


def test_one_that_fails_holds_up_no_other(later, caplog):
    post = timed(page_at("blog/unknown-outcome"), comes=timezone.now() + timedelta(hours=1))
    for page in (later, post):
        comes_to_its_moment(page)

    def fail(sender, instance, **kwargs):
        if instance.pk == later.pk:
            raise RuntimeError("no room")

    page_published.connect(fail)
    try:
        assert publish_what_is_due() == 1
    finally:
        page_published.disconnect(fail)
    assert "no room" in caplog.text
    assert not Revision.objects.for_instance(post).filter(approved_go_live_at__isnull=False)
    assert not LandingPage.objects.get(pk=later.pk).live
    assert publish_what_is_due() == 1, "and it is tried again"
    assert LandingPage.objects.get(pk=later.pk).live
