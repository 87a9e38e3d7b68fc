"""LinkedIn's little text format: what is not escaped would cut the post off."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.networks.linkedin import escape_little_text

TEXTS = st.text(alphabet=st.sampled_from("ab1 \\|{}@[]()<>#＃*_~é日🚀\n:urn-li"), max_size=60)


def unescape(text):
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Plain text.", "Plain text."),
        ("1 * 2 (three) [four] {five}", r"1 \* 2 \(three\) \[four\] \{five\}"),
        (r"back\slash", r"back\\slash"),
        ("a < b > c | d ~ e_f", r"a \< b \> c \| d \~ e\_f"),
        ("#launch day", "#launch day"),
        ("We are #hiring!", "We are #hiring!"),
        ("#größe #日本", "#größe #日本"),
        ("issue #42", r"issue \#42"),  # digits alone are no hashtag
        ("C# and # alone", r"C\# and \# alone"),
        ("##double", r"\#\#double"),
        ("mail me@example.com", r"mail me\@example.com"),
        ("Thanks @[Ann Lee](urn:li:person:a-B_1)!", "Thanks @[Ann Lee](urn:li:person:a-B_1)!"),
        ("@[Acme (US)](urn:li:organization:12)", r"@[Acme \(US\)](urn:li:organization:12)"),
        ("@[Ann](https://example.com)", r"\@\[Ann\]\(https://example.com\)"),
    ],
)
def test_reserved_characters_are_escaped_and_what_is_meant_stays(text, escaped):
    assert escape_little_text(text) == escaped


@given(TEXTS)
def test_no_character_is_lost(text):
    assert unescape(escape_little_text(text)) == text


@given(TEXTS)
def test_nothing_reserved_stays_bare_but_hashtags_and_mentions(text):
    escaped = re.sub(r"\\.", "", escape_little_text(text), flags=re.DOTALL)
    escaped = re.sub(r"@\[[^\]]*\]\(urn:li:\w+:[\w-]+\)", "", escaped)
    assert not re.search(r"[|{}@\[\]()<>*_~\\]|[#](?!\w)", escaped)
