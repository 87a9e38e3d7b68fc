"""Whatever is planned to return by the clock is there to be run."""

import pytest
from django.utils.module_loading import import_string
from django_q.models import Schedule

pytestmark = pytest.mark.django_db


def test_every_planned_task_exists_and_returns():
    planned = Schedule.objects.all()

    assert {"publishing.tidy", "billing.sweep", "organizations.forget_old_answers"} <= {task.name for task in planned}
    for task in planned:
        assert callable(import_string(task.func)), task.func
        assert task.minutes > 0
        assert task.repeats < 0  # for ever


def test_the_index_is_rebuilt_and_finds_what_it_found(acme, bob):
    from content_studio.drafting import create_draft, segment
    from content_studio.models import SocialPost
    from organizations.tasks import weigh_titles

    post = create_draft(organization=acme, user=bob, segments=[segment("Huehuetenango is back")])
    weigh_titles()

    assert list(SocialPost.objects.search("huehuetenango")) == [post]
