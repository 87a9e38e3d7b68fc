"""Rate limits by plan: the same count for every process, and answers that say when to come back."""

import threading
import time

import pytest
from django.db import connections
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from billing import throttles
from billing.models import PlanGrant, RateBucket
from billing.plans import FREE, PRO
from billing.throttles import RateLimitHeadersMiddleware, TooManyRequests
from organizations.rest import OrganizationViewMixin
from organizations.walls import OUTSIDE, standing


class ProbeView(OrganizationViewMixin, APIView):
    authentication_classes: list = []

    def get(self, request):
        return Response({"ok": True})


class AIProbeView(ProbeView):
    def get(self, request):
        throttles.take_for(self.organization, ai=True)
        return Response({"ok": True})


def ask(user, view=ProbeView):
    request = APIRequestFactory().get("/api/v1/probe/")
    force_authenticate(request, user)
    with standing(OUTSIDE):  # the view puts a wall up; a request's end takes it down
        return RateLimitHeadersMiddleware(lambda each: view.as_view()(each))(request)


def test_every_answer_says_how_the_caller_stands(alice, acme):
    answer = ask(alice)
    assert answer.status_code == 200
    assert answer["RateLimit-Limit"] == str(FREE.api_requests_per_minute)
    assert answer["RateLimit-Remaining"] == str(FREE.api_requests_per_minute - 1)
    assert answer["RateLimit-Policy"] == '"plan";q=60;w=60'
    assert answer["RateLimit"].startswith('"plan";r=59;t=')
    assert "Retry-After" not in answer


def test_one_request_too_many_is_refused_and_told_when_to_come_back(alice, acme):
    answers = []
    while len(answers) < 300 and (not answers or answers[-1].status_code == 200):
        answers.append(ask(alice))
    refused = answers[-1]
    assert len(answers) > FREE.api_requests_per_minute
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) == 1
    assert refused["RateLimit-Remaining"] == "0"
    assert refused.data["type"].endswith("/too-many-requests")
    assert "The Free plan allows 60 requests a minute. Try again in 1 s." in refused.data["detail"]


def test_a_larger_plan_allows_more(alice, acme):
    PlanGrant.objects.create(organization=acme, plan="pro", reason="Partner")
    assert ask(alice)["RateLimit-Limit"] == str(PRO.api_requests_per_minute)


def test_calls_that_write_with_ai_have_a_limit_of_their_own(alice, acme):
    statuses = [ask(alice, AIProbeView).status_code for _ in range(FREE.ai_requests_per_minute + 1)]
    assert statuses == [200] * FREE.ai_requests_per_minute + [429]
    assert ask(alice).status_code == 200


def test_one_organizations_haste_does_not_slow_another(alice, acme, charlie, globex):
    for _ in range(FREE.ai_requests_per_minute + 1):
        ask(alice, AIProbeView)
    assert ask(charlie, AIProbeView).status_code == 200


def test_what_was_used_comes_back_evenly(acme):
    while throttles.take("k", limit=600).allowed:
        pass
    time.sleep(0.35)  # 600 a minute: one every tenth of a second
    assert [throttles.take("k", limit=600).allowed for _ in range(3)] == [True] * 3


def test_refused_requests_do_not_lengthen_the_wait(acme):
    for _ in range(5):
        throttles.take_for(acme, ai=True)
    waits = []
    for _ in range(20):
        with pytest.raises(TooManyRequests) as refusal:
            throttles.take_for(acme, ai=True)
        waits.append(refusal.value.extra["retry_after"])
    assert max(waits) <= 12  # five a minute: one every twelve seconds


def test_callers_that_rest_are_forgotten(acme):
    throttles.take("old", limit=60)
    RateBucket.objects.update(full_at="2020-01-01T00:00:00Z")
    throttles.take("new", limit=60)
    assert throttles.sweep() == 1
    assert RateBucket.objects.get().key == "new"


def test_forty_callers_at_once_are_counted_once_each(committed_acme):
    allowed = []
    together = threading.Barrier(40)

    def one():
        try:
            together.wait()
            allowed.append(throttles.take("crowd", limit=10).allowed)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    RateBucket.objects.filter(key="crowd").delete()
    assert sum(allowed) == 10
