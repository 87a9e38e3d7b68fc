"""Tokens are never spent twice, never past the limit, and always accounted for."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum
from django.utils import timezone

from billing import quotas
from billing.models import LedgerChanged, Reservation, UsageEntry, UsagePeriod
from billing.quotas import QuotaExceeded

CHARGE = {"provider": "openai", "model": "gpt-5-mini"}


def spend(organization, tokens, user=None):
    reservation = quotas.reserve(organization, tokens=tokens, user=user)
    return quotas.settle(reservation, provider_tokens=tokens * 1000, **CHARGE)


def assert_ledger_equals_counter(organization):
    for period in UsagePeriod.objects.filter(organization=organization):
        sums = period.entries.aggregate(used=Sum("tokens"), reserved=Sum("held"))
        assert (sums["used"] or 0, sums["reserved"] or 0) == (period.used, period.reserved)
        assert sum(each.tokens for each in period.reservations.all()) == period.reserved


@pytest.mark.parametrize(
    ("provider_tokens", "tokens"), [(0, 1), (1, 1), (999, 1), (1000, 1), (1001, 2), (5000, 5), (5001, 6)]
)
def test_a_token_is_a_thousand_of_the_provider_rounded_up_and_at_least_one(provider_tokens, tokens):
    assert quotas.tokens_for(provider_tokens) == tokens


def test_what_a_token_stands_for_is_a_setting(settings):
    settings.PROVIDER_TOKENS_PER_TOKEN = 500
    assert quotas.tokens_for(1001) == 3


def test_a_new_organization_has_the_whole_free_month(acme):
    allowance = quotas.remaining(acme)
    now = timezone.now()
    assert (allowance.limit, allowance.used, allowance.remaining) == (100, 0, 100)
    assert allowance.starts_at == datetime(now.year, now.month, 1, tzinfo=UTC)
    assert UsagePeriod.objects.count() == 0  # looking makes nothing


def test_a_reservation_counts_until_it_is_settled_with_what_the_provider_reports(acme, bob):
    reservation = quotas.reserve(acme, tokens=5, user=bob)
    assert quotas.remaining(acme).remaining == 95
    assert quotas.settle(reservation, provider_tokens=2100, **CHARGE) == 3
    allowance = quotas.remaining(acme)
    assert (allowance.used, allowance.reserved, allowance.remaining) == (3, 0, 97)
    assert_ledger_equals_counter(acme)
    line = UsageEntry.objects.get(kind="settle")
    assert (line.tokens, line.held, line.provider_tokens, line.model, line.user) == (3, -5, 2100, "gpt-5-mini", bob)


def test_a_failed_generation_costs_nothing(acme):
    reservation = quotas.reserve(acme, tokens=5)
    quotas.release(reservation)
    assert quotas.remaining(acme).remaining == 100
    assert_ledger_equals_counter(acme)


def test_settling_twice_charges_once(acme):
    reservation = quotas.reserve(acme, tokens=5)
    assert quotas.settle(reservation, provider_tokens=1500, **CHARGE) == 2
    assert quotas.settle(reservation, provider_tokens=9000, **CHARGE) == 2
    quotas.release(reservation)
    assert quotas.remaining(acme).used == 2
    assert_ledger_equals_counter(acme)


def test_releasing_twice_gives_back_once(acme):
    first = quotas.reserve(acme, tokens=5)
    quotas.reserve(acme, tokens=7)
    quotas.release(first)
    quotas.release(first)
    assert quotas.remaining(acme).reserved == 7
    assert_ledger_equals_counter(acme)


def test_a_settle_above_the_estimate_is_taken_and_stops_the_next(acme):
    spend(acme, 98)
    reservation = quotas.reserve(acme, tokens=2)
    assert quotas.settle(reservation, provider_tokens=7000, **CHARGE) == 7
    assert quotas.remaining(acme).used == 105
    assert quotas.remaining(acme).remaining == 0
    with pytest.raises(QuotaExceeded):
        quotas.reserve(acme, tokens=1)
    assert_ledger_equals_counter(acme)


def test_the_refusal_names_the_limit_the_end_of_the_period_and_what_to_do(acme, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 2, 10, tzinfo=UTC))
    spend(acme, 100)
    with pytest.raises(QuotaExceeded) as refusal:
        quotas.reserve(acme, tokens=1)
    assert refusal.value.detail == (
        "All 100 tokens of the Free plan are used or reserved until 1 March 2026. "
        "Wait for the next period, or ask an Owner to choose a larger plan under Plan & usage."
    )
    assert (refusal.value.status, refusal.value.slug) == (402, "quota-exceeded")
    assert refusal.value.extra == {"limit": 100, "remaining": 0, "period_ends_at": "2026-03-01T00:00:00+00:00"}


def test_the_refusal_says_what_is_left_when_it_is_too_little(acme):
    spend(acme, 98)
    with pytest.raises(QuotaExceeded, match="This needs 3 tokens and only 2 of the 100 of the Free plan are left"):
        quotas.reserve(acme, tokens=3)
    assert quotas.reserve(acme, tokens=2)


def test_a_new_month_begins_with_a_whole_allowance(acme, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC))
    spend(acme, 100)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 2, 1, tzinfo=UTC))
    allowance = quotas.remaining(acme)
    assert (allowance.remaining, allowance.ends_at) == (100, datetime(2026, 3, 1, tzinfo=UTC))


def test_a_generation_across_the_months_end_is_charged_to_the_month_it_began_in(acme, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    reservation = quotas.reserve(acme, tokens=4)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 2, 1, 0, 1, tzinfo=UTC))
    quotas.settle(reservation, provider_tokens=4000, **CHARGE)
    assert quotas.remaining(acme).used == 0
    assert UsagePeriod.objects.get(starts_at=datetime(2026, 1, 1, tzinfo=UTC)).used == 4


def test_one_organizations_use_leaves_anothers_alone(acme, globex):
    spend(acme, 100)
    assert quotas.remaining(globex).remaining == 100


def test_what_a_crashed_process_left_reserved_is_swept_up(acme):
    left = quotas.reserve(acme, tokens=60)
    running = quotas.reserve(acme, tokens=10)
    Reservation.objects.filter(pk=left.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert quotas.sweep() == 1
    assert quotas.sweep() == 0
    assert quotas.remaining(acme).reserved == 10
    assert Reservation.objects.get() == running
    assert_ledger_equals_counter(acme)


def test_a_generation_that_outlives_the_sweep_is_charged_all_the_same(acme):
    slow = quotas.reserve(acme, tokens=6)
    Reservation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    quotas.sweep()
    assert quotas.settle(slow, provider_tokens=5500, **CHARGE) == 6
    assert quotas.settle(slow, provider_tokens=5500, **CHARGE) == 6
    allowance = quotas.remaining(acme)
    assert (allowance.used, allowance.reserved) == (6, 0)
    assert_ledger_equals_counter(acme)


def test_a_reservation_inside_of_a_transaction_is_refused(committed_acme):
    with pytest.raises(RuntimeError), transaction.atomic():
        quotas.reserve(committed_acme, tokens=1)


def test_a_line_of_the_ledger_cannot_be_changed_or_removed(acme):
    spend(acme, 1)
    line = UsageEntry.objects.first()
    line.tokens = 0
    for change in (
        line.save,
        line.delete,
        UsageEntry.objects.all().delete,
        lambda: UsageEntry.objects.update(tokens=0),
    ):
        with pytest.raises(LedgerChanged):
            change()


def test_the_database_itself_refuses_to_change_a_line(acme, bob):
    spend(acme, 1, user=bob)
    with (
        pytest.raises(Exception, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE billing_usageentry SET tokens = 0")


def test_the_ledger_outlives_the_person(acme, bob):
    spend(acme, 3, user=bob)
    bob.delete()
    assert UsageEntry.objects.get(kind="settle").user is None
    assert_ledger_equals_counter(acme)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_in_whatever_order_the_ledger_equals_the_counter_and_the_limit_holds(acme, seed):
    chance = random.Random(seed)
    open_ones, ended = [], []
    for _step in range(40):
        deed = chance.choice(["reserve", "reserve", "settle", "settle", "release", "expire", "again"])
        if deed == "reserve":
            before = quotas.remaining(acme).remaining
            wanted = chance.randint(1, 30)
            try:
                open_ones.append(quotas.reserve(acme, tokens=wanted))
                assert wanted <= before
            except QuotaExceeded:
                assert wanted > before
        elif deed == "again" and ended:
            quotas.settle(chance.choice(ended), provider_tokens=chance.randint(0, 40_000), **CHARGE)
        elif deed == "expire" and open_ones:
            Reservation.objects.filter(pk=chance.choice(open_ones).pk).update(expires_at=timezone.now())
            quotas.sweep()
        elif open_ones and deed in ("settle", "release"):
            reservation = open_ones.pop(chance.randrange(len(open_ones)))
            if deed == "settle":
                quotas.settle(reservation, provider_tokens=chance.randint(0, reservation.tokens * 1000), **CHARGE)
            else:
                quotas.release(reservation)
            ended.append(reservation)
        assert_ledger_equals_counter(acme)


def test_two_hundred_threads_spend_the_last_fifty_tokens_and_not_one_more(committed_acme):
    spend(committed_acme, 50)
    outcomes = []
    together = threading.Barrier(200)
    connected = threading.BoundedSemaphore(40)  # PostgreSQL takes 100 connections

    def one():
        together.wait()
        with connected:
            try:
                outcomes.append(spend(committed_acme, 1))
            except QuotaExceeded:
                outcomes.append(0)
            finally:
                connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 200
    assert sum(outcomes) == 50
    assert quotas.remaining(committed_acme).used == 100
    assert_ledger_equals_counter(committed_acme)


def test_the_first_callers_of_a_period_make_it_once(committed_acme):
    together = threading.Barrier(30)
    outcomes = []

    def one():
        try:
            together.wait()
            outcomes.append(quotas.reserve(committed_acme, tokens=1))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 30
    assert UsagePeriod.objects.get().reserved == 30
