import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Comment, CommentReply, PageSubscription
from wagtail.test.utils.form_data import inline_formset
from wagtail.users.models import UserProfile

from content_studio import commenting
from content_studio.factories import make_post
from content_studio.tests.test_editor import form_data
from organizations.problems import Conflict, Forbidden, NotFound, Problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return lambda: {(message.to[0], message.subject.split(":")[0]) for message in mail.outbox}


@pytest.fixture
def post(acme, bob):
    return make_post(acme, user=bob, text="Kettle")


def page(client, post, person):
    client.force_login(person)
    return client.get(reverse("posts:detail", args=[post.pk])).content.decode()


def say(client, post, name, *ids, **said):
    return client.post(reverse(f"posts:{name}", args=[post.pk, *ids]), said, follow=True)


def test_a_viewer_comments_on_one_text_and_everybody_sees_which(client, post, vera, bob):
    content = post.get_latest_revision_as_object()
    part = commenting.texts_in(content)[0]
    client.force_login(vera)
    answer = say(client, post, "comment", text="  Too <loud>  ", part=part)
    comment = Comment.objects.get()
    assert (comment.user, comment.text, comment.contentpath) == (vera, "Too <loud>", part)
    assert answer.redirect_chain[-1][0].endswith(f"#comment-{comment.pk}")
    shown = page(client, post, bob)
    assert "Too &lt;loud&gt;" in shown and "Vera" in shown
    assert [thread.about for thread in commenting.threads_of([comment], content)] == ["Text"]
    assert comment.has_valid_contentpath(content)


def test_a_conversation_is_answered_resolved_and_kept(client, post, vera, bob):
    comment = commenting.comment_on(post, user=vera, text="Why?")
    client.force_login(bob)
    say(client, post, "comment_reply", comment.pk, text="Because")
    say(client, post, "comment_resolve", comment.pk)
    comment.refresh_from_db()
    assert comment.resolved_by == bob and comment.replies.get().text == "Because"
    assert "1 resolved comment" in page(client, post, vera)
    with pytest.raises(Problem, match="resolved"):
        commenting.answer(post, comment, user=vera, text="But")


def test_a_viewer_resolves_their_own_comment_alone_and_nobody_deletes_anothers(post, vera, bob, adam):
    mine, theirs = (commenting.comment_on(post, user=person, text="Hm") for person in (vera, bob))
    with pytest.raises(Forbidden):
        commenting.resolve(post, theirs, user=vera)
    commenting.resolve(post, mine, user=vera)
    for said in (theirs, commenting.answer(post, theirs, user=bob, text="So")):
        with pytest.raises(Forbidden):
            commenting.delete(post, said, user=adam)
    commenting.delete(post, theirs, user=bob)
    assert Comment.objects.get() == mine and not CommentReply.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 5001])
def test_nothing_and_far_too_much_are_refused(post, vera, text):
    with pytest.raises(Problem):
        commenting.comment_on(post, user=vera, text=text)


def test_a_part_that_is_gone_is_refused(client, post, vera):
    client.force_login(vera)
    answer = say(client, post, "comment", text="Where?", part="body.gone.text")
    assert "not there any more" in answer.content.decode() and not Comment.objects.exists()


def test_an_outsider_neither_sees_comments_nor_says_anything(client, post, globex, charlie, vera):
    comment = commenting.comment_on(post, user=vera, text="Between us")
    client.force_login(charlie)
    for name, ids in (
        ("detail", []),
        ("comment", []),
        ("comment_reply", [comment.pk]),
        ("comment_resolve", [comment.pk]),
        ("comment_delete", [comment.pk]),
    ):
        address = reverse(f"posts:{name}", args=[post.pk, *ids])
        assert (client.get(address) if name == "detail" else client.post(address, {"text": "Hi"})).status_code == 404
    theirs = make_post(globex, user=charlie)
    say(client, theirs, "comment_reply", comment.pk, text="Through my own post")
    assert not CommentReply.objects.exists()


def test_the_author_and_those_who_take_part_are_told_in_our_words(post, sent, vera, bob, adam):
    comment = commenting.comment_on(post, user=vera, text="Less <steam>")
    assert sent() == {(bob.email, "Comment")}
    message = mail.outbox[0]
    assert f"/admin/posts/{post.pk}/#comments" in message.body and "Less <steam>" in message.body
    assert "page" not in message.body.lower() and "Less &lt;steam&gt;" in message.alternatives[0][0]
    mail.outbox.clear()
    commenting.answer(post, comment, user=adam, text="Agreed")
    assert sent() == {(bob.email, "Reply"), (vera.email, "Reply")}
    mail.outbox.clear()
    commenting.resolve(post, comment, user=bob)
    assert sent() == {(vera.email, "Comment resolved"), (adam.email, "Comment resolved")}


def test_mails_are_as_each_person_chose(post, sent, vera, bob, adam):
    PageSubscription.objects.create(page_id=post.pk, user=bob, comment_notifications=False)
    UserProfile.objects.update_or_create(user=adam, defaults={"updated_comments_notifications": False})
    commenting.comment_on(post, user=vera, text="@Adam, look")
    assert not sent()


def test_a_mention_is_told_once_and_waits_on_the_home_until_it_is_answered(client, acme, post, sent, vera, bob, adam):
    adam.first_name, adam.last_name = "Adam", "Lee"
    adam.save()
    comment = commenting.comment_on(post, user=vera, text="@adam lee and @charlie@example.test: @Bobby is not @bob")
    assert sent() == {(adam.email, "You were mentioned"), (bob.email, "You were mentioned")}
    client.force_login(adam)
    assert "Mentioned you" in client.get(reverse("wagtailadmin_home")).content.decode()
    assert commenting.mentions_of(vera, acme) == []
    commenting.answer(post, comment, user=adam, text="Seen")
    assert commenting.mentions_of(adam, acme) == [] and commenting.mentions_of(bob, acme) == [comment]
    commenting.answer(post, comment, user=bob, text="@Adam Lee really?")
    assert commenting.mentions_of(adam, acme) == [comment] and commenting.mentions_of(bob, acme) == []
    commenting.resolve(post, comment, user=vera)
    assert commenting.mentions_of(adam, acme) == []


def test_a_name_that_only_begins_alike_is_not_mentioned(post, acme, vera, bob):
    commenting.comment_on(post, user=vera, text="@Bobby, and mail@bob.test")
    assert commenting.mentions_of(bob, acme) == []


def test_the_editor_keeps_what_was_said_meanwhile_and_sends_the_same_mails(client, post, sent, vera, bob, adam):
    client.force_login(adam)
    client.get(post.admin_url)
    meanwhile = commenting.comment_on(post, user=vera, text="Meanwhile")
    mail.outbox.clear()
    part = commenting.texts_in(post.get_latest_revision_as_object())[0]
    said = {"id": "", "text": "@Vera what do you think?", "contentpath": part, "replies": inline_formset([])}
    data = form_data(comments=inline_formset([said]))
    assert client.post(post.admin_url, data).status_code == 302
    assert Comment.objects.filter(pk=meanwhile.pk).exists() and Comment.objects.count() == 2
    assert sent() == {(vera.email, "You were mentioned"), (bob.email, "Comment")}


def test_authors_follow_their_own_posts_when_they_open_them(client, post, bob, adam):
    for person in (bob, adam):
        client.force_login(person)
        client.get(post.admin_url)
    followers = PageSubscription.objects.filter(page=post.pk, comment_notifications=True)
    assert [each.user for each in followers] == [bob]


def test_the_page_asks_as_often_for_many_comments_as_for_few(client, post, vera):
    def talk(count):
        for number in range(count):
            comment = commenting.comment_on(post, user=vera, text=f"No. {number}")
            commenting.answer(post, comment, user=vera, text="Yes")

    talk(1)
    page(client, post, vera)
    with CaptureQueriesContext(connection) as few:
        page(client, post, vera)
    talk(6)
    with CaptureQueriesContext(connection) as many:
        page(client, post, vera)
    assert len(many) == len(few)


def test_what_was_resolved_or_taken_back_meanwhile_is_not_changed(post, vera, bob):
    comment = commenting.comment_on(post, user=vera, text="Too long")
    as_seen = Comment.objects.get(pk=comment.pk)
    commenting.resolve(post, comment, user=bob)
    with pytest.raises(Conflict):
        commenting.edit(post, as_seen, user=vera, text="Too short")
    with pytest.raises(Conflict):
        commenting.answer(post, as_seen, user=bob, text="Why?")
    commenting.delete(post, comment, user=vera)
    with pytest.raises(NotFound):
        commenting.edit(post, as_seen, user=vera, text="Too short")
