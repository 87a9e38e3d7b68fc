"""What the demo organization has written: past, waiting, planned, and one that went wrong."""

from dataclasses import dataclass

ORGANIZATION = "Juniper Coffee Roasters"
TIMEZONE = "Europe/Berlin"
PASSWORD = "demo-studio"  # noqa: S105 - printed at every start, refused in production

PEOPLE = (  # e-mail, first name, last name, role
    ("owner@demo.test", "Olivia", "Hart", "owner"),
    ("admin@demo.test", "Amir", "Reyes", "admin"),
    ("member@demo.test", "Mira", "Patel", "member"),
    ("viewer@demo.test", "Victor", "Lang", "viewer"),
)

CHANNELS = (  # network, name, handle
    ("x", "Juniper Coffee", "@junipercoffee"),
    ("linkedin", "Juniper Coffee Roasters", "juniper-coffee-roasters"),
    ("instagram", "Juniper Coffee", "@juniper.coffee"),
    ("bluesky", "Juniper Coffee", "@junipercoffee.example"),
    ("mastodon", "Juniper Coffee", "@juniper@coffee.example"),
)


CAMPAIGN, CAMPAIGN_COLOUR = "Winter blend", "green"

VOICE = {
    "name": "Juniper",
    "description": "A small roastery that talks like its bar: warm, exact, a little dry. We write for people who "
    "like coffee and dislike being sold to.",
    "dos": "Say what is new in the first sentence.\nName the farm, the price or the number.\nOne thought a post.",
    "donts": "No superlatives that we cannot prove.\nNo rows of emoji.",
    "samples": "New on the shelf: a decaf that does not taste like an apology.\n---\n"
    "Cupping on Thursday, 18:00, free as always. Bring curiosity; we bring spoons.",
    "banned": "best in town\ngame-changer",
}

# Network, days of the week from Monday as 0, times: where posts without a time go.
SLOTS = (
    ("linkedin", (0, 2, 4), ("08:30",)),
    ("mastodon", (1, 3, 5), ("12:00", "17:30")),
)

HASHTAGS = {"name": "Coffee", "tags": "#specialtycoffee #homebrewing #coffeeroasters"}
SIGNATURE = {"name": "The bar", "text": "Juniper Coffee, Lindenstraße 12. Open daily from nine."}
LINK_TAGS = {"name": "Winter", "source": "{network}", "medium": "social", "campaign": "winter-blend"}
SAVED_BRIEF = {
    "name": "New lot",
    "prompt": "We have a new coffee: [name], from [farm] in [country]. It tastes of [three notes] and costs [price].",
    "tone": "casual",
    "language": "en",
    "networks": ["linkedin", "bluesky", "mastodon"],
}

REMARK = "Can we name the farm in the first sentence?"  # of the approver, on the first post in review
CLIENT = "Lindenstraße landlords"  # for whom the review link is

# Who, network, tone, prompt: written by the demo provider, so that usage and provenance have something to show.
BRIEFS = (
    ("member@demo.test", "linkedin", "educational", "Why we roast lighter in winter, and what that does to the cup"),
    ("member@demo.test", "bluesky", "witty", "The bar closes at six. The espresso machine disagrees"),
    ("admin@demo.test", "mastodon", "casual", "Open day at the roastery on the second Saturday of December"),
)


@dataclass(frozen=True)
class DemoPost:
    """`days` and `time` say when, from today and in the organization's zone; `state` how far it got."""

    state: str  # draft, in_review, changes_requested, approved, scheduled, published or failed
    networks: tuple[str, ...]
    texts: tuple[str, ...]
    days: int | None = None
    time: str = "09:00"
    author: str = "member@demo.test"
    picture: str = ""
    link: str = ""
    comment: str = ""  # of whoever asked for changes
    failure: str = ""
    campaign: bool = False


POSTS = (
    DemoPost(
        "published",
        ("x", "bluesky", "mastodon"),
        ("The Huehuetenango is back. Washed, bright, and gone by Friday if last year is anything to go by.",),
        days=-13,
        time="08:30",
        picture="bag",
    ),
    DemoPost(
        "published",
        ("linkedin",),
        (
            "Two years ago we paid our growers 40 % above the market price. This year it is 62 %.\n\n"
            "Not charity: with a price they can plan on, three of our five partners could replant, and the lots "
            "we cup this autumn are the best they have sent us.\n\n"
            "The whole calculation, farm by farm, is on our site. Ask us anything about it.",
        ),
        days=-11,
        time="10:00",
        author="admin@demo.test",
        link="https://juniper.example/prices",
    ),
    DemoPost(
        "published",
        ("instagram",),
        (
            "Saturday plan: one flat white, no notifications. The bar on Lindenstraße opens at nine. "
            "#specialtycoffee #latteart",
        ),
        days=-9,
        time="17:15",
        picture="cup",
    ),
    DemoPost(
        "published",
        ("mastodon", "bluesky"),
        (
            "A question for the people who brew at home: what do you do with the last 30 grams of a bag?",
            "We blend them into what we call “Friday”. It is never the same twice, and it is always gone by noon.",
        ),
        days=-6,
        time="12:00",
    ),
    DemoPost(
        "failed",
        ("instagram",),
        ("From the hills to the roastery in 31 days. Swipe for the whole way.",),
        days=-4,
        time="18:00",
        picture="mountains",
        failure="Instagram refused the picture: its format is not accepted. Replace it with a JPEG and try again.",
    ),
    DemoPost(
        "published",
        ("x", "linkedin"),
        ("We are looking for a roaster who likes early mornings more than late nights. Details on the site.",),
        days=-2,
        time="09:00",
        author="admin@demo.test",
        link="https://juniper.example/jobs",
    ),
    DemoPost(
        "published",
        ("bluesky",),
        ("New on the shelf: a decaf that does not taste like an apology.",),
        days=-1,
        time="15:30",
        picture="bag",
    ),
    DemoPost(
        "scheduled",
        ("x", "bluesky", "mastodon"),
        ("Cupping on Thursday, 18:00, free as always. Bring curiosity; we bring spoons.",),
        days=1,
        time="09:00",
    ),
    DemoPost(
        "scheduled",
        ("linkedin",),
        (
            "What does a roastery do with its heat? Since Monday ours warms the flat above us.\n\n"
            "The exchanger cost less than the new grinder. We wrote down what we would do differently.",
        ),
        days=2,
        time="10:15",
        author="admin@demo.test",
        link="https://juniper.example/heat",
    ),
    DemoPost(
        "scheduled",
        ("instagram", "mastodon"),
        ("First roast of the winter blend. It smells of hazelnut in the whole yard. #coffee #winterblend",),
        days=4,
        time="08:00",
        picture="beans",
        campaign=True,
    ),
    DemoPost(
        "scheduled",
        ("x",),
        ("Closed on Monday for stocktaking. Online orders go out on Tuesday morning.",),
        days=6,
        time="16:00",
    ),
    DemoPost(
        "approved",
        ("bluesky", "mastodon"),
        ("Our decaf is processed with water from a spring, and with patience. Nothing else.",),
        author="admin@demo.test",
    ),
    DemoPost(
        "in_review",
        ("linkedin", "x"),
        ("We now roast with electricity from the roof: 71 % of this year’s kilowatt hours so far.",),
        days=8,
        time="11:00",
        picture="mountains",
    ),
    DemoPost(
        "in_review",
        ("instagram",),
        ("The winter blend has a new coat. Can you spot what changed? #packagingdesign",),
        days=9,
        time="17:00",
        picture="bag",
        campaign=True,
    ),
    DemoPost(
        "changes_requested",
        ("x", "mastodon"),
        ("The best coffee in town. Come and see for yourself!",),
        days=10,
        time="09:30",
        comment="“Best in town” is a claim we cannot prove. Say what is new about the menu instead.",
    ),
    DemoPost(
        "draft",
        ("linkedin",),
        ("Notes for the year in review: growers, prices, the roof, the people who joined us.",),
    ),
    DemoPost(
        "draft",
        ("bluesky", "x"),
        ("Idea: a week of brewing tips, one a day. Start with water temperature.",),
        author="owner@demo.test",
    ),
)
