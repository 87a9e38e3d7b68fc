"""Errors of the API, and its description."""

import json
import re
from uuid import uuid4

import pytest
from django.test import RequestFactory
from django.urls import resolve
from rest_framework import serializers
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from organizations.problems import Conflict
from organizations.rest import OrganizationViewMixin
from organizations.roles import Action
from organizations.walls import OUTSIDE, standing

KINDS = {"kind": "csv"}  # what is no id in an address


def problem_of(response):
    if not response.is_rendered:
        response.render()
    assert response["Content-Type"] == "application/problem+json"
    document = json.loads(response.content)
    assert document["status"] == response.status_code
    assert {"type", "title", "detail"} <= set(document)
    return document["type"].removeprefix("http://localhost:8000/docs/api/problems/"), document


@pytest.fixture
def api():
    return APIClient()


def test_without_a_token_the_answer_is_401_and_says_how(api, db):
    answer = api.get("/api/v1/me/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert problem_of(answer)[0] == "not-authenticated"


@pytest.mark.parametrize(
    ("method", "path", "kwargs", "status", "slug"),
    [
        ("get", "/api/v1/nothing/", {}, 404, "not-found"),
        ("post", "/api/", {}, 404, "not-found"),
        ("get", "/api/v1/auth/token/", {}, 405, "method-not-allowed"),
        ("post", "/api/v1/auth/token/", {"data": "{", "content_type": "application/json"}, 400, "malformed-request"),
        ("post", "/api/v1/auth/token/", {"data": "a=1", "content_type": "text/csv"}, 415, "unsupported-media-type"),
        (
            "post",
            "/api/v1/auth/token/",
            {"data": {}, "format": "json", "HTTP_ACCEPT": "image/png"},
            406,
            "not-acceptable",
        ),
        ("post", "/api/v1/auth/token/", {"data": [1], "format": "json"}, 400, "validation-error"),
    ],
)
def test_every_error_is_a_problem_document(api, db, method, path, kwargs, status, slug):
    answer = getattr(api, method)(path, **kwargs)
    assert answer.status_code == status
    assert problem_of(answer)[0] == slug


def test_an_address_without_its_last_slash_is_told_so(api, db):
    answer = api.post("/api/v1/auth/token", {})
    assert answer.status_code == 404
    assert problem_of(answer)[1]["detail"].endswith("/api/v1/auth/token/")


def test_no_answer_is_kept_on_the_way(api, api_of, bob):
    for answer in (api.get("/api/v1/me/"), api_of(bob).get("/api/v1/posts/")):
        assert answer["Cache-Control"] == "private, no-store"


def test_a_body_that_is_too_large_is_refused_by_its_size(api_of, bob, settings):
    api = api_of(bob)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = api.post("/api/v1/posts/", {"segments": [{"text": "x" * 1_000}]}, format="json")
    assert answer.status_code == 413
    slug, document = problem_of(answer)
    assert slug == "request-too-large" and "1000" in document["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("get", "/api/v1/posts/no-uuid/", 404, "not-found"),
        ("get", "/api/v1/posts/01980c2f-1b7d-7c04-8a52-6e0d9f1b2c3d/", 404, "not-found"),
        ("get", "/api/v1/deliveries/?post=no-uuid", 400, "validation-error"),
        ("get", "/api/v1/posts/?channel=no-uuid", 400, "validation-error"),
        ("put", "/api/v1/posts/", 405, "method-not-allowed"),
        ("delete", "/api/v1/deliveries/", 405, "method-not-allowed"),
    ],
)
def test_what_names_nothing_and_what_is_not_offered_are_told_apart(bob, api_of, method, path, status, slug):
    answer = getattr(api_of(bob), method)(path)
    assert answer.status_code == status
    assert problem_of(answer)[0] == slug
    if status == 405:
        assert "GET" in answer["Allow"]


class TestOtherOrigins:
    @pytest.fixture(autouse=True)
    def one_is_allowed(self, settings):
        settings.CORS_ALLOWED_ORIGINS = ["https://front.example.com"]

    def test_an_allowed_one_may_ask_with_what_the_api_reads_and_see_what_it_answers(self, api_of, bob):
        api = api_of(bob)
        asked = {
            "origin": "https://front.example.com",
            "access-control-request-method": "PATCH",
            "access-control-request-headers": "authorization, content-type, idempotency-key, if-match",
        }
        answer = api.options("/api/v1/posts/", headers=asked)
        assert answer["Access-Control-Allow-Origin"] == "https://front.example.com"
        assert "PATCH" in answer["Access-Control-Allow-Methods"]
        allowed = {each.strip() for each in answer["Access-Control-Allow-Headers"].split(",")}
        assert {"authorization", "content-type", "idempotency-key", "if-match"} <= allowed
        answer = api.get("/api/v1/posts/", headers={"origin": "https://front.example.com"})
        assert answer.status_code == 200
        assert answer["Access-Control-Allow-Origin"] == "https://front.example.com"
        shown = {each.strip().lower() for each in answer["Access-Control-Expose-Headers"].split(",")}
        assert {"etag", "x-request-id", "retry-after", "ratelimit", "ratelimit-policy"} <= shown
        assert "Access-Control-Allow-Credentials" not in answer  # nobody's session is lent to another site

    def test_another_is_not(self, api_of, bob):
        answer = api_of(bob).get("/api/v1/posts/", headers={"origin": "https://evil.example.com"})
        assert "Access-Control-Allow-Origin" not in answer

    def test_the_studio_itself_is_no_part_of_it(self, client, db):
        answer = client.get("/accounts/login/", headers={"origin": "https://front.example.com"})
        assert "Access-Control-Allow-Origin" not in answer


def test_a_validation_error_names_each_field(api, db):
    slug, document = problem_of(api.post("/api/v1/auth/token/", {"email": "nonsense"}))
    assert slug == "validation-error"
    assert {(each["field"], each["code"]) for each in document["errors"]} == {
        ("email", "invalid"),
        ("password", "required"),
    }


class Inner(serializers.Serializer):
    texts = serializers.ListField(child=serializers.CharField(max_length=3))


class Outer(serializers.Serializer):
    parts = Inner(many=True)


class FailingView(APIView):
    authentication_classes = []
    permission_classes = []
    failure: Exception | None = None

    def get(self, request):
        raise self.failure

    def post(self, request):
        Outer(data=request.data).is_valid(raise_exception=True)


def test_nested_fields_are_named_by_their_path():
    request = APIRequestFactory().post("/", {"parts": [{"texts": ["abc"]}, {"texts": ["ok", "too long"]}]})
    _, document = problem_of(FailingView.as_view()(request))
    assert [each["field"] for each in document["errors"]] == ["parts.1.texts.1"]


def test_a_rule_of_the_product_is_explained_by_its_own_type():
    view = FailingView.as_view(failure=Conflict("The post was published already.", post="1"))
    slug, document = problem_of(view(APIRequestFactory().get("/")))
    assert (slug, document["status"], document["post"]) == ("conflict", 409, "1")
    assert document["detail"] == "The post was published already."


def test_an_unexpected_error_tells_nothing_of_its_inside():
    view = FailingView.as_view(failure=RuntimeError("password=secret"))
    slug, document = problem_of(view(RequestFactory().get("/")))
    assert (slug, document["status"]) == ("internal-error", 500)
    assert "secret" not in json.dumps(document)


class TestChoosingTheOrganization:
    class View(OrganizationViewMixin, APIView):
        required_actions = {"post": Action.PUBLISH}

        def get(self, request):
            from rest_framework.response import Response

            from organizations.access import current_organization

            assert current_organization() == self.organization
            return Response({"name": self.organization.name})

        post = get

    def ask(self, user, method="get", query="", **body):
        from rest_framework.test import force_authenticate

        request = getattr(APIRequestFactory(), method)(f"/{query}", body or None)
        force_authenticate(request, user)
        with standing(OUTSIDE):  # as the middleware does
            return self.View.as_view()(request)

    def test_the_only_one_need_not_be_named(self, acme, bob):
        assert self.ask(bob).data == {"name": "Acme"}

    def test_one_of_several_must_be_named(self, acme, globex, alice):
        from organizations.factories import MembershipFactory

        MembershipFactory(organization=globex, user=alice)
        assert problem_of(self.ask(alice))[0] == "organization-needed"
        assert self.ask(alice, query=f"?organization_id={globex.pk}").data == {"name": "Globex"}

    @pytest.mark.parametrize("name", ["theirs", "00000000-0000-0000-0000-000000000000", "nonsense"])
    def test_anothers_and_an_unknown_one_look_alike(self, acme, globex, bob, name):
        named = globex.pk if name == "theirs" else name
        slug, document = problem_of(self.ask(bob, query=f"?organization_id={named}"))
        assert (slug, document["status"]) == ("not-found", 404)

    def test_the_role_must_allow_it(self, acme, bob, adam):
        slug, document = problem_of(self.ask(bob, "post", organization_id=str(acme.pk)))
        assert (slug, document["status"]) == ("forbidden", 403)
        assert self.ask(adam, "post", organization_id=str(acme.pk)).status_code == 200

    def test_without_an_organization_nothing_can_be_done(self, alice):
        assert problem_of(self.ask(alice))[0] == "forbidden"


def test_the_description_covers_only_this_api_and_knows_problems(api, db):
    answer = api.get("/api/schema/", headers={"accept": "application/json"})
    document = json.loads(answer.content)
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    operation = document["paths"]["/api/v1/auth/token/"]["post"]
    assert list(operation["requestBody"]["content"]) == ["application/json"]
    assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert "Problem" in document["components"]["schemas"]


@pytest.mark.parametrize("page", ["swagger-ui", "redoc"])
def test_the_description_can_be_read_by_people_without_other_servers(client, db, page):
    html = client.get(f"/api/schema/{page}/").content.decode()
    assert "/static/drf_spectacular_sidecar/" in html
    assert "cdn." not in html


def test_wagtails_own_log_in_leads_to_the_products(client, db):
    answer = client.get("/admin/login/?next=/admin/pages/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/admin/pages/"


def test_the_description_is_sound_and_leaves_nothing_to_guess(db, tmp_path):
    from django.core.management import call_command

    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def test_every_operation_says_what_goes_wrong_and_what_its_body_may_hold(api, db):
    schema = api.get("/api/schema/?format=json").json()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert {"400", "default"} <= set(operation["responses"]), (method, path)
            if operation.get("security"):
                assert {"401", "403", "429"} <= set(operation["responses"]), (method, path)
    assert schema["components"]["schemas"]["PostWrite"]["additionalProperties"] is False
    names = [operation["operationId"] for each in schema["paths"].values() for operation in each.values()]
    assert len(set(names)) == len(names)
    assert {"posts_approve", "deliveries_retry", "posts_revisions_restore", "posts_create"} <= set(names)
    assert all(operation.get("summary") for each in schema["paths"].values() for operation in each.values())
    enums = {name for name in schema["components"]["schemas"] if name.endswith("Enum")}
    assert enums <= {"BlankEnum", "NullEnum"}, "give it a name in ENUM_NAME_OVERRIDES"


def test_the_description_begins_with_what_to_know_and_says_what_each_tag_is_about(api, db):
    schema = api.get("/api/schema/?format=json").json()
    used = {tag for each in schema["paths"].values() for operation in each.values() for tag in operation["tags"]}
    assert {tag["name"] for tag in schema["tags"]} == used
    assert all(tag["description"] for tag in schema["tags"])
    assert schema["servers"][0]["url"] == "http://testserver"
    for word in ("Bearer", "Idempotency-Key", "If-Match", "RFC 9457", "page_size", "Retry-After", "Webhooks"):
        assert word in schema["info"]["description"]


class TestSlips:
    """What is sent by mistake must not pass for a success."""

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"title": 5}, "title"),
            ({"segments": [{"text": True}]}, "segments.0.text"),
            ({"segments": {"text": "Hello"}}, "segments"),
            ({"channels": [1]}, "channels.0"),
            ({"overrides": [{"network": "x", "leave_out": "title"}]}, "overrides.0.leave_out"),
            ({"segments": [{"text": "Vote", "poll": {"options": ["a", "b"], "minutes": "60"}}]}, "segments.0.poll"),
        ],
    )
    def test_a_value_of_another_type_is_refused_and_the_field_named(self, api_of, bob, said, field):
        answer = api_of(bob).post("/api/v1/posts/", {"segments": [{"text": "Hello"}], **said})
        assert answer.status_code == 400
        (error,) = problem_of(answer)[1]["errors"]
        assert error["field"].startswith(field)
        assert error["code"] in ("wrong_type", "not_a_list"), error

    @pytest.mark.parametrize("moment", ["0050-11-06T13:45:04-17:49", "0001-01-01T00:00:00%2B23:00", "soon"])
    def test_a_moment_that_postgresql_does_not_know_is_no_fault_of_ours(self, api_of, bob, moment):
        for address in ("deliveries/?due_before=", "posts/?planned_after=", "posts/?updated_since="):
            assert api_of(bob).get(f"/api/v1/{address}{moment}").status_code in (200, 400)

    @pytest.mark.parametrize("time", ["2027-02-30T09:00", "2027-03-28T09:00Z", "2027-03-28 09:00", "٢٠٢٧-03-28T09:00"])
    def test_a_time_on_the_wall_has_no_offset_and_is_in_the_calendar(self, api_of, bob, time):
        post = api_of(bob).post("/api/v1/posts/", {"segments": [{"text": "Hello"}]}).json()["id"]
        answer = api_of(bob).post(f"/api/v1/posts/{post}/plan/", {"local_time": time})
        assert answer.status_code == 400
        assert problem_of(answer)[1]["errors"][0]["field"] == "local_time"

    @pytest.mark.parametrize("value", ["true", 1, 0, "no"])
    def test_what_is_true_or_false_is_said_as_that(self, api_of, alice, acme, value):
        answer = api_of(alice).patch(f"/api/v1/organizations/{acme.pk}/", {"approval_required": value})
        assert answer.status_code == 400
        assert problem_of(answer)[1]["errors"] == [
            {"field": "approval_required", "code": "wrong_type", "message": "Give true or false."}
        ]

    @pytest.mark.parametrize(
        ("address", "field"),
        [
            ("posts/?state=", "state"),
            ("posts/?q=%20", "q"),
            ("posts/?ordering=", "ordering"),
            ("deliveries/?channel=", "channel"),
            ("deliveries/?due_after=", "due_after"),
            ("media/images/?q=", "q"),
            ("slots/?channel=", "channel"),
            ("calendar/?start=2027-01-01&end=2027-01-31&label=", "label"),
            ("audit-log/?since=", "since"),
            ("labels/?cursor=", "cursor"),
            ("labels/?page_size=", "page_size"),
            ("posts/?page=2", "page"),
            ("deliveries/?stat=failed", "stat"),
            ("members/?role=owner", "role"),
            ("channels/?sandbox=maybe", "sandbox"),
        ],
    )
    def test_a_parameter_that_says_nothing_or_does_not_exist_is_refused_everywhere(
        self, api_of, alice, acme, address, field
    ):
        answer = api_of(alice).get(f"/api/v1/{address}")
        assert answer.status_code == 400
        assert {each["field"] for each in problem_of(answer)[1]["errors"]} == {field}

    def test_every_parameter_that_the_description_names_is_known(self, api, db):
        """A parameter is refused unless a view knows it; each is described by other means than it is known by."""
        schema = api.get("/api/schema/?format=json").json()
        for path, operations in schema["paths"].items():
            match = resolve(re.sub(r"{(\w+)}", lambda found: KINDS.get(found[1], str(uuid4())), path))
            view = match.func.cls(**match.func.initkwargs)
            if isinstance(view, OrganizationViewMixin):
                for operation in operations.values():
                    named = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
                    assert named <= view.known_parameters(), (path, operation["operationId"])


def test_the_documentation_is_there_to_be_read_only(client, db):
    for page in ("swagger-ui", "redoc"):
        assert client.get(f"/api/schema/{page}/").status_code == 200
        assert client.options(f"/api/schema/{page}/").status_code == 405
