"""The API's description: what drf-spectacular cannot see by itself."""

from drf_spectacular.plumbing import ResolvedComponent

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


def describe_problems(result, generator, request, public):
    """Adds the problem document as the answer of every operation that does not go well."""
    component = ResolvedComponent(name="Problem", type=ResolvedComponent.SCHEMA, schema=PROBLEM, object=PROBLEM)
    generator.registry.register_on_missing(component)
    result["components"] = generator.registry.build({})
    answer = {
        "description": "What went wrong, as a problem document",
        "content": {"application/problem+json": {"schema": component.ref}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", answer)
    return result


def only_this_api(endpoints):
    """Leaves out what is below /admin/: the editor's own, and no promise to anybody."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
