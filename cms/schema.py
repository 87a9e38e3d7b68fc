"""The API's description: what drf-spectacular cannot see by itself."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.serializers import CharField, ListField, ListSerializer, MultipleChoiceField

from organizations import idempotency
from organizations.rest import GivenSerializer, OrganizationViewMixin

PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457). `type` is stable; further members depend on it.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, and what to do."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
                "required": ["field", "code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}


# What may go wrong: (status, what it means, to which operations it can happen).
GOES_WRONG = {
    "400": ("The request cannot be read, or some fields are not valid: see `errors`", lambda it: True),
    "401": ("No valid token", lambda it: it.get("security")),
    "402": ("The plan's tokens are used up", lambda it: "content" in it.get("tags", ())),
    "403": ("Your role, the key's scopes or the plan do not allow this", lambda it: it.get("security")),
    "404": ("Not there, or nothing that you may see", lambda it: it.get("security")),
    "409": ("Not possible in the present state", lambda it: it["method"] != "get" and it.get("security")),
    "412": ("Somebody changed it since you read it", lambda it: _has_parameter(it, "If-Match")),
    "415": ("This form of request is not understood", lambda it: it.get("requestBody")),
    "422": ("Understood, and refused for what it says", lambda it: it["method"] != "get" and it.get("security")),
    "429": ("More requests than the plan allows; wait as long as `Retry-After` says", lambda it: it.get("security")),
    "default": ("What else went wrong", lambda it: True),
}
# What every viewset has; anything else that one offers is called by its own name.
STANDARD = ("list", "retrieve", "create", "update", "partial_update", "destroy")
IDEMPOTENCY_KEY = OpenApiParameter(
    idempotency.HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="Your own id for this request, such as a UUID: sent again within a day, it is answered alike and "
    "nothing is done twice.",
)
ORGANIZATION = OpenApiParameter(
    "organization_id", OpenApiTypes.UUID, description="Which organization. Needed by members of several."
)


class Description(AutoSchema):
    """Adds to every operation what the view's mixin understands, and to what is sent in what its serializer refuses."""

    def _map_basic_serializer(self, serializer, direction):
        schema = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, GivenSerializer):
            schema["additionalProperties"] = False
            properties = schema.setdefault("properties", {})
            for name, field in serializer.fields.items():
                if isinstance(field, ListSerializer):
                    properties[name] |= _length_of(field)
                if isinstance(field, ListField) and _needs_words(field.child, properties[name]["items"]):
                    properties[name]["items"] |= _words_of(field.child, properties[name]["items"])
                if isinstance(field, MultipleChoiceField) and not field.allow_empty:
                    properties[name]["minItems"] = 1
                if _needs_words(field, properties[name]):
                    properties[name] |= _words_of(field, properties[name])
            if required := {*schema.get("required", ()), *serializer.needed}:
                schema["required"] = sorted(required)
            if serializer.parent is None and serializer.for_organization:
                properties.setdefault("organization_id", {"type": "string", "format": "uuid"})
        return schema

    def get_operation_id(self):
        """As one would call it: `posts_approve`, not `posts_approve_create`."""
        name = super().get_operation_id()
        if getattr(self.view, "action", None) in STANDARD or not getattr(self.view, "basename", None):
            return name
        return name.removesuffix("_" + self.method_mapping[self.method.lower()])

    def get_override_parameters(self):
        found = super().get_override_parameters()
        if isinstance(self.view, OrganizationViewMixin):
            if type(self.view)._choose is OrganizationViewMixin._choose:  # others are told by their address
                found = [*found, ORGANIZATION]
            if self.method == "POST":
                found = [*found, IDEMPOTENCY_KEY]
        return found


def _needs_words(field, described: dict) -> bool:
    is_text = described.get("type") == "string" and "enum" not in described
    return is_text and isinstance(field, CharField) and not field.allow_blank


def _words_of(field: CharField, described: dict) -> dict:
    """That it may not be empty, nor hold spaces alone where those do not count."""
    said = {"minLength": described.get("minLength", 1)}
    if field.trim_whitespace and not {"pattern", "format"} & set(described):
        said["pattern"] = r"\S"
    return said


def _length_of(field: ListSerializer) -> dict[str, int]:
    limits = {"minItems": getattr(field, "min_length", None), "maxItems": getattr(field, "max_length", None)}
    return {name: limit for name, limit in limits.items() if limit is not None}


def describe_problems(result, generator, request, public):
    """Adds the problem document as the answer of every operation that does not go well."""
    component = ResolvedComponent(name="Problem", type=ResolvedComponent.SCHEMA, schema=PROBLEM, object=PROBLEM)
    generator.registry.register_on_missing(component)
    result["components"] = generator.registry.build({})
    for operations in result["paths"].values():
        for method, operation in operations.items():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            for status, (meaning, can_happen) in GOES_WRONG.items():
                if can_happen({**operation, "method": method}):
                    content = {"application/problem+json": {"schema": component.ref}}
                    operation["responses"].setdefault(status, {"description": meaning, "content": content})
    return result


def _has_parameter(operation: dict, name: str) -> bool:
    return any(each.get("name") == name for each in operation.get("parameters", ()))


def only_this_api(endpoints):
    """Leaves out what is below /admin/: the editor's own, and no promise to anybody."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
