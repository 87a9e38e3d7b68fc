"""The sentences that the demo provider builds posts from, by tone. `{topic}` is the subject of the brief.

Each opening names the subject; everything after it speaks of "this", so that
any opening goes with any middle and any closing of its tone.
"""

OPENINGS = {
    "professional": (
        "{topic}: here is what matters.",
        "We are pleased to share it: {topic}.",
        "Today on our desk: {topic}.",
        "{topic}. A short note on what it means in practice.",
        "An update from our team: {topic}.",
        "{topic}. What changes, and for whom.",
    ),
    "casual": (
        "So, {topic}. Let's talk about it.",
        "Guess what's been keeping us busy? {topic}!",
        "Okay, quick one: {topic}.",
        "{topic}. Yep, it's happening.",
        "Coffee in hand, news on the table: {topic}.",
        "You asked, so here we go: {topic}.",
    ),
    "educational": (
        "{topic}: the one thing most people miss.",
        "What is worth knowing about this: {topic}?",
        "{topic}, explained in under a minute.",
        "A short lesson on {topic}.",
        "Three minutes on {topic} can save you hours.",
        "Let us take it apart: {topic}.",
    ),
    "witty": (
        "{topic}. Finally, something to talk about besides the weather.",
        "We promised not to make a fuss. Then came this: {topic}.",
        "{topic}: because the calendar had room for one more good idea.",
        "Nobody asked us to keep quiet about it, so: {topic}.",
        "Breaking, or at least slightly bending, news: {topic}.",
        "{topic}. Our printer is jealous already.",
    ),
    "inspirational": (
        "{topic}. Every big step began as a small one.",
        "It starts with an idea: {topic}.",
        "{topic}. Imagine where it can take us.",
        "What would you try if you knew it could work? For us it is this: {topic}.",
        "Some days you can feel things moving: {topic}.",
        "{topic}. Built by people who did not stop at “almost”.",
    ),
    "urgent": (
        "Please read this today: {topic}.",
        "{topic}. Time is short, so here is the essence.",
        "Now is the moment: {topic}.",
        "Do not put this off: {topic}.",
        "{topic}. This week, not next month.",
        "Last call: {topic}.",
    ),
}

MIDDLES = {
    "professional": (
        "The aim is simple: less effort for you, and a result you can rely on.",
        "We worked closely with the people who will use it every day.",
        "It builds on what has proved itself and removes what has not.",
        "The details are settled, the responsibilities are clear, and we are ready.",
        "Quality came first; speed followed from it.",
        "We will report openly on what works and on what we still improve.",
    ),
    "casual": (
        "It took more sticky notes than we'd like to admit.",
        "We kept the good bits and threw out the boring ones.",
        "No jargon, no fine print, just something that works.",
        "Half the team is grinning, the other half is already planning what's next.",
        "It's a small thing that makes the day a bit easier.",
        "We've been using it ourselves, and honestly, we don't want to go back.",
    ),
    "educational": (
        "Start with the problem, not with the tool: what exactly should become easier?",
        "Then change one thing at a time, so that you can see what made the difference.",
        "An example: write down how long a task takes today, and measure again in a week.",
        "The usual mistake is to begin with the exceptions. Begin with the everyday case.",
        "If you can explain it to a newcomer in two sentences, you have understood it.",
        "Small, regular steps teach more than one big leap.",
    ),
    "witty": (
        "Side effects may include fewer meetings and suspiciously good moods.",
        "We tested it on ourselves, because nobody else was available on a Friday.",
        "It does what it says, which is rarer than it should be.",
        "No buzzwords were harmed in the making, and only a few were used.",
        "We would say it is effortless, but somebody would show you our whiteboard.",
        "It even survived contact with the finance department.",
    ),
    "inspirational": (
        "Behind it stand people who asked one more question instead of settling.",
        "Progress is rarely loud. It is the quiet decision to try again tomorrow.",
        "What looked impossible in January is something we hold in our hands today.",
        "When we share what we learn, everyone gets further.",
        "There is room in this for your idea, too.",
        "The best part is not what we have built but what it lets you build.",
    ),
    "urgent": (
        "Every day that passes makes it harder to catch up.",
        "It takes a few minutes now and saves a long detour later.",
        "Places and time are limited; whoever comes first has the choice.",
        "Tell the colleagues whom it concerns, so that nobody misses it.",
        "Everything you need is prepared: what is missing is your decision.",
        "Afterwards it will not be possible under these conditions.",
    ),
}

CLOSINGS = {
    "professional": (
        "What is your experience? We look forward to your comments.",
        "Get in touch if you would like to know more.",
        "We are happy to answer questions.",
        "More will follow soon.",
        "Which aspect matters most in your work?",
    ),
    "casual": (
        "What do you think? Tell us!",
        "Come and have a look.",
        "Who's in?",
        "Questions? Just ask, we're friendly.",
        "Tag someone who needs this.",
    ),
    "educational": (
        "What would you add?",
        "Save this for the next time you need it.",
        "Which step is hardest for you?",
        "Try it this week and tell us what you found.",
        "Pass it on to somebody who is just starting.",
    ),
    "witty": (
        "Applause is welcome, questions even more.",
        "Tell us your worst pun in the comments. Or do not. Please do not.",
        "Resistance is allowed, but you will miss out.",
        "Your move.",
        "Yes, there will be biscuits.",
    ),
    "inspirational": (
        "What will your first step be?",
        "Let us make it happen together.",
        "Who inspired you this week?",
        "Keep going.",
        "Tell us what you are building.",
    ),
    "urgent": (
        "Act now.",
        "Decide today.",
        "Write to us before the week is over.",
        "Do not wait: take the first step now.",
        "Check today whether it concerns you.",
    ),
}

EMOJI = {
    "professional": "📌",
    "casual": "🙌",
    "educational": "💡",
    "witty": "😏",
    "inspirational": "✨",
    "urgent": "⏰",
}

# Words that no text is about.
SMALL_WORDS = """
a about after all also an and any are as at be been before but by can do for from had has have how if in into is
it its just more most much new no not now of off on once only or our out over own so some such than that the their
them then there these they this to too under until up us very was we were what when where which while who why will
with you your post posts thread write
"""
