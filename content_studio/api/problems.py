"""The errors of writing with AI, for the API's description."""

from django.conf import settings
from drf_spectacular.utils import OpenApiExample

PROBLEM = {"$ref": "#/components/schemas/Problem"}  # described in cms.schema


def _problem_example(slug: str, status: int, title: str, detail: str) -> OpenApiExample:
    return OpenApiExample(
        slug,
        value={
            "type": f"{settings.BASE_URL}/docs/api/problems/{slug}",
            "title": title,
            "status": status,
            "detail": detail,
        },
        response_only=True,
        status_codes=[str(status)],
        media_type="application/problem+json",
    )


PROBLEMS = {
    (status, "application/problem+json"): PROBLEM for status in (400, 401, 402, 403, 404, 422, 429, 502, 503, 504)
}
PROBLEM_EXAMPLES = [
    _problem_example(
        "ai-provider-not-configured",
        400,
        "This AI provider is not set up",
        "OpenAI is not set up on this server. Whoever runs it has to set OPENAI_API_KEY; until then, choose one of: "
        "demo.",
    ),
    _problem_example(
        "quota-exceeded",
        402,
        "The plan's tokens are used up",
        "This needs 5 tokens and only 2 of the 100 of the Free plan are left until 1 December 2026. Wait for the next "
        "period, or ask an Owner to choose a larger plan under Plan & usage.",
    ),
    _problem_example(
        "forbidden", 403, "Your role does not allow this", "Your role in this organization does not allow this."
    ),
    _problem_example(
        "ai-refused",
        422,
        "The AI provider refuses to write this",
        "OpenAI refuses to write this: I can't help with that. Change the prompt and try again.",
    ),
    _problem_example(
        "ai-timed-out",
        504,
        "The AI provider took too long",
        "OpenAI did not answer within 60 seconds. Try again, or choose another AI provider.",
    ),
]
