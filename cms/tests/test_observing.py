"""Log lines can be put together, and no secret is on them."""

import json
import logging

import pytest
import structlog

from cms import observing


@pytest.fixture
def lines(capsys):
    """What the production format writes for records logged in the test."""
    settings = observing.logging_settings(as_json=True)
    formatter = structlog.stdlib.ProcessorFormatter(
        **{name: value for name, value in settings["formatters"]["lines"].items() if name != "()"}
    )
    records = []

    class Kept(logging.Handler):
        def emit(self, record):
            records.append(json.loads(formatter.format(record)))

    handler = Kept()
    root = logging.getLogger()
    root.addHandler(handler)
    before, root.level = root.level, logging.INFO
    yield records
    root.removeHandler(handler)
    root.level = before


def request_line(lines):
    return next(line for line in lines if line["event"] == "request")


def test_each_request_is_one_line_with_its_id_and_whose_it_was(client, alice, acme, lines):
    client.force_login(alice)
    response = client.get("/admin/")
    line = request_line(lines)
    assert line["request"] == response["X-Request-ID"]
    assert (line["path"], line["status"]) == ("/admin/", 200)
    assert (line["organization"], line["user"]) == (str(acme.pk), str(alice.pk))


def test_what_django_says_of_a_refusal_has_the_requests_id_too(client, db, lines):
    response = client.get("/api/v1/me/")
    assert response.status_code == 401
    refusal = next(line for line in lines if line["logger"] == "django.request")
    assert refusal["request"] == request_line(lines)["request"] == response["X-Request-ID"]


def test_a_proxys_id_is_kept_and_nonsense_is_not(client, db):
    assert client.get("/accounts/login/", headers={"x-request-id": "abc-123"})["X-Request-ID"] == "abc-123"
    assert client.get("/accounts/login/", headers={"x-request-id": "a\tb<script>"})["X-Request-ID"] != "a\tb<script>"


def test_a_secret_link_is_not_logged(client, db, lines):
    client.get("/invitations/very-private/")
    client.get("/accounts/password/reset/key/1-very-private/")
    client.get("/review/very-private/")
    client.get("/exports/very-private/")
    client.get("/review/very-private")  # as somebody copies it
    paths = {line["path"] for line in lines if line["event"] == "request"}
    assert paths >= {"/invitations/…/", "/review/…/", "/exports/…/", "/review/…"}
    assert "very-private" not in json.dumps([line for line in lines if line["event"] == "request"])


def test_the_query_string_is_not_logged(client, db, lines):
    client.get("/accounts/login/?key=very-private")
    assert "very-private" not in json.dumps(lines)


def test_values_named_like_secrets_are_left_out(lines):
    logging.getLogger("anything").warning("connected", extra={"access_token": "very-private", "channel": 7})
    assert lines[-1]["access_token"] == "…"
    assert lines[-1]["channel"] == 7


def test_a_traceback_has_no_local_variables(lines):
    password = "very-private"
    try:
        int(password[:0] or "x")
    except ValueError:
        logging.getLogger("anything").exception("failed")
    assert lines[-1]["exception"][0]["exc_type"] == "ValueError"
    assert "very-private" not in json.dumps(lines[-1])


def test_a_slow_query_is_logged_short_and_without_its_values():
    record = logging.LogRecord("django.db.backends", logging.DEBUG, "", 0, "(%.3f) %s", (1.0, "x"), None)
    record.duration, record.sql, record.params = 1.0, "SELECT " + "a, " * 5000, ("very-private",)

    assert observing.SlowQueries().filter(record)
    assert record.getMessage().startswith("Slow query, 1.00 s: SELECT a, a,")
    assert len(record.getMessage()) < 600
    assert "very-private" not in str(record.__dict__)
