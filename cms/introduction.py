"""How the API's description begins: what to know before the first request, and what belongs together."""

from django.conf import settings

from .faults import PROBLEM_TYPES

GUIDE = "/docs/api/"
INTRODUCTION = """
Everything that the studio can do, for tools: CI jobs, n8n, Zapier, scripts, other front ends, AI agents. The same
roles and the same rules hold as in the studio. **[The guide]({guide})** takes a post from brief to published with curl,
Python and JavaScript.

## Authentication

1. A person: `POST /api/v1/auth/token/` with e-mail address and password gives an access token for 15 minutes and a
   refresh token that serves once.
2. A tool: an API key with scopes (`read`, `write`, `publish`, `channels`), made in the studio under *Settings → API
   keys*.
3. Either goes into every request: `Authorization: Bearer …`.

Who belongs to several organizations says which by `organization_id`, in the body or in the query. What belongs to
another organization does not exist: 404.

## Errors

Problem documents ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457), `application/problem+json`). `type` is stable and
[leads to an explanation]({problems}), `detail` says what to do, and `errors` names each field with a `code` and a
`message`. Nothing is guessed: a field or a parameter that does not exist, a value of another type and a parameter
without a value are refused with 400. Name the `X-Request-ID` of the answer when you ask for help.

## Repeating a request

Send an `Idempotency-Key` of your own (a UUID, say) with a `POST`. The same request again within a day gets the same
answer, with `Idempotent-Replayed: true`, and does nothing. Another request with that key is refused with 422.

## Not overwriting others

A post comes with an `ETag`. Send it back as `If-Match`: if somebody was faster, the answer is 412 and nothing has
changed.

## Pages

Lists come 25 at a time; `page_size` may be 1 to 100. Follow `next` until it is null. What is added meanwhile neither
repeats a row nor hides one.

## Limits

The plan says how many requests a minute there may be. `RateLimit` and `RateLimit-Policy` say what is left; after a 429
wait as long as `Retry-After` says.

## Times

Moments are ISO 8601 in UTC. A schedule is what clocks in an IANA zone show: `local_time` without an offset, and
`timezone`; `at` is the moment that it means.

## Webhooks

Rather than asking again and again, be told: every step of a post, a delivery, a comment and a channel goes out as a
signed message ([Standard Webhooks](https://www.standardwebhooks.com)). See the tag *webhooks*, and
[how to check a signature]({webhooks}).

## What stays

Within `/api/v1/` nothing that works today is taken away; fields, addresses, enum values and events are only added. What
is to go is marked `deprecated` and answered with `Deprecation` and `Sunset` headers for at least a year.
"""

# Tags in the order in which they are shown, in groups.
GROUPS: dict[str, dict[str, str]] = {
    "Signing in": {
        "auth": "Tokens for people: sign in, refresh, sign out.",
        "me": "Who asks, and to which organizations they belong.",
    },
    "Writing": {
        "posts": "Posts and their way: write, submit, approve, schedule, publish; with their revisions and comments.",
        "content": "Writing with AI: generate (also while it is written, by server-sent events), rewrite, check.",
        "media": "Pictures, videos and documents: upload, describe, say what a crop must keep.",
        "imports": "Many posts from a table.",
        "library": "What is used again: tones, sets of hashtags, signatures, link tags and saved briefs.",
        "campaigns": "What several posts are for.",
        "labels": "Words to find posts by.",
        "brand-voices": "How the organization wants to sound.",
        "review-links": "Links by which clients read, comment and decide without an account.",
    },
    "Publishing": {
        "calendar": "What is planned between two days, on one clock.",
        "slots": "The weekly slots of a channel's queue, and what fills them.",
        "channels": "The accounts through which is published: connect, rename, suspend, try out, disconnect.",
        "deliveries": "What became of each channel's copy of a post: attempts, trying again, deciding.",
        "publishing": "The policy for what missed its time, and the switch that stops everything.",
    },
    "Organization": {
        "organizations": "Organizations, their settings and logo; their data as an archive; their end.",
        "members": "Who belongs to an organization, and in which role.",
        "invitations": "Who is asked to join.",
        "audit-log": "Who did what, when and from where.",
        "plans": "What can be subscribed to.",
        "subscription": "The plan that holds, and Stripe's pages to pay, change or cancel.",
        "usage": "What the plan allows, and what is used.",
    },
    "Tools": {
        "api-keys": "Keys with which tools use the API. Only people make them.",
        "webhooks": "Who is told of what happens, what they were sent, and sending it again.",
    },
}
TAGS = {name: said for group in GROUPS.values() for name, said in group.items()}


def introduce(result, generator, request, public):
    """Adds the introduction, the server that was asked, and what each tag is about."""
    here = (request.build_absolute_uri("/") if request else settings.BASE_URL).rstrip("/")
    result["info"]["description"] = INTRODUCTION.strip().format(
        guide=here + GUIDE, problems=PROBLEM_TYPES, webhooks=f"{here}{GUIDE}webhooks/"
    )
    result["servers"] = [{"url": here, "description": "This installation"}]
    result["externalDocs"] = {"url": here + GUIDE, "description": "The guide"}
    result["tags"] = [{"name": name, "description": said} for name, said in TAGS.items()]
    result["x-tagGroups"] = [{"name": name, "tags": list(tags)} for name, tags in GROUPS.items()]
    return result
