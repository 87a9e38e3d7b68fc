"""The public site with its first content, made once for each module of tests."""

import pytest
from django.db import transaction

from home.first_content.making import make_site
from home.models import HomePage


@pytest.fixture(scope="module")
def _made(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        make_site()
        yield
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


@pytest.fixture
def home(_made, db):
    return HomePage.objects.get()


def page_at(path: str):
    """The page that answers at `path` of the public site."""
    page = HomePage.objects.get()
    for slug in filter(None, path.split("/")):
        page = page.get_children().get(slug=slug)
    return page.specific
