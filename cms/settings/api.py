"""Settings of the API: how it answers, how it describes itself, and which pages elsewhere may ask it."""

from corsheaders.defaults import default_headers

from .environment import env

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "cms.schema.Description",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["organizations.rest.TokenAuthentication"],
    "DEFAULT_THROTTLE_CLASSES": ["billing.throttles.PlanThrottle"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "cms.api.problem_details",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Content Studio API",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "docExpansion": "none",
        "filter": True,
    },
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ApiKeyScope": "organizations.models.ApiKey.Scope",
        "AttemptOutcome": "publishing.models.Attempt.Outcome",
        "BillingInterval": ["month", "year"],
        "ChannelWay": "publishing.api.connecting.WAYS",
        "ChannelWayByPerson": "publishing.api.connecting.BY_PERSON",
        "ClientRemarkKind": "content_studio.review_links.Remark.Kind",
        "DocumentKind": ["video", "document"],
        "EditsOfApproved": "organizations.models.Organization.EditsOfApproved",
        "FailureKind": "publishing.api.deliveries.FAILURE_KINDS",
        "ImportRowState": "content_studio.imports.ImportRow.State",
        "LabelColour": "content_studio.labels.Colour",
        "Language": "organizations.languages.LANGUAGES",
        "LeftOut": "content_studio.api.writing.LEAVE_OUT",
        "MediaKind": ["image", "video", "document"],
        "PaidPlan": "billing.api.PAID_PLANS",
        "PlanSource": ["subscription", "grant", "free"],
        "PlatformName": "content_studio.api.content.PLATFORMS",
        "PollMinutes": "content_studio.api.writing.POLL_MINUTES",
        "RewriteAction": "content_studio.ai.tasks.TASKS",
        "WebhookEventChoice": "webhooks.events.CHOOSABLE",
        "Weekday": "content_studio.queues.Weekday",
        "PostState": "content_studio.models.SocialPost.State",
        "ChannelState": "publishing.models.Channel.State",
        "DeliveryState": "publishing.models.Delivery.State",
        "MissedPolicy": "publishing.models.PublishingPolicy.Missed",
        "MissedChoice": "publishing.suspending.Missed",
        "MissedDecision": "publishing.deciding.Decision",
        "NetworkName": "publishing.models.Network",
        "SandboxBehaviour": "publishing.adapters.sandbox.Behaviour",
        "WebhookMessageState": "webhooks.models.Telling.State",
        "WebhookEventType": "webhooks.events.EventType",
        "RoleName": "organizations.models.Role",
        "PostImportState": "content_studio.imports.PostImport.State",
        "ExportState": "organizations.models.exports.Export.State",
    },
    "PREPROCESSING_HOOKS": ["cms.schema.only_this_api"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cms.schema.describe_problems",
        "cms.introduction.introduce",
    ],
}
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/.*$"
# What the API reads and answers beyond what a browser lets through by itself.
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-match", "if-none-match"]
CORS_EXPOSE_HEADERS = [
    "ETag", "Idempotent-Replayed", "RateLimit", "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining",
    "RateLimit-Reset", "Retry-After", "X-Request-ID", "Deprecation", "Sunset",
]  # fmt: skip
