"""The catalogue: what each plan costs and allows. The only place in the product with these figures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """One plan. Prices are in US cents; a limit of None means no limit."""

    key: str
    name: str
    monthly_cents: int
    yearly_cents: int
    tokens: int  # a month
    seats: int | None
    channels: int | None
    scheduled_posts: int | None
    api_requests_per_minute: int
    ai_requests_per_minute: int
    review_stages: int


FREE = Plan(
    key="free",
    name="Free",
    monthly_cents=0,
    yearly_cents=0,
    tokens=100,
    seats=4,
    channels=6,
    scheduled_posts=30,
    api_requests_per_minute=60,
    ai_requests_per_minute=5,
    review_stages=1,
)
PRO = Plan(
    key="pro",
    name="Pro",
    monthly_cents=2900,
    yearly_cents=29000,
    tokens=5_000,
    seats=10,
    channels=15,
    scheduled_posts=500,
    api_requests_per_minute=300,
    ai_requests_per_minute=20,
    review_stages=2,
)
TEAM = Plan(
    key="team",
    name="Team",
    monthly_cents=9900,
    yearly_cents=99000,
    tokens=20_000,
    seats=None,
    channels=None,
    scheduled_posts=None,
    api_requests_per_minute=1_000,
    ai_requests_per_minute=60,
    review_stages=5,
)
PLANS = {plan.key: plan for plan in (FREE, PRO, TEAM)}
