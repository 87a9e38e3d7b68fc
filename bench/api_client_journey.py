"""From brief to published with `generated_client` alone: run by `bench/api_client`, which has made it."""

import datetime
import sys
import time

from generated_client import AuthenticatedClient, Client
from generated_client.api.auth import auth_token_create
from generated_client.api.channels import (
    channels_connect_sandbox,
    channels_connect_ways,
    channels_disconnect,
    channels_partial_update,
    channels_timeline,
)
from generated_client.api.content import content_generate
from generated_client.api.deliveries import deliveries_list
from generated_client.api.me import me as who_am_i
from generated_client.api.posts import (
    posts_approve,
    posts_partial_update,
    posts_retrieve,
    posts_schedule,
    posts_submit,
)
from generated_client.models import (
    Approve,
    ChannelState,
    ConnectSandbox,
    Credentials,
    Generate,
    NetworkName,
    PatchedChannelChange,
    PatchedPostWrite,
    PlatformName,
    Problem,
    Schedule,
    SegmentWrite,
)

PATIENCE = 120
TEXT = "Night Shift, our new espresso, is on sale from Monday. Cocoa, orange, and no regrets."
DEMO = "demo-studio"


def signed_in(url: str, email: str) -> AuthenticatedClient:
    tokens = told("signs in", auth_token_create.sync(client=Client(url), body=Credentials(email=email, password=DEMO)))
    return AuthenticatedClient(url, token=tokens.access, timeout=PATIENCE)


def told(step: str, answer):
    if answer is None or isinstance(answer, Problem):
        raise SystemExit(
            f"{step}: {'an answer that the description does not know' if answer is None else answer.detail}"
        )
    print(f"  {step}: {type(answer).__name__} {getattr(answer, 'state', '')}".rstrip(), flush=True)
    return answer


def main(url: str) -> None:
    member, admin = signed_in(url, "member@demo.test"), signed_in(url, "admin@demo.test")
    organization = told("asks who it is", who_am_i.sync(client=member)).organizations[0].id
    ways = told("asks how to connect a channel", channels_connect_ways.sync(client=admin))
    assert "sandbox" in [each.key for each in ways if each.available]
    training = ConnectSandbox(network=NetworkName.MASTODON, name="Training")
    channel = told("connects one", channels_connect_sandbox.sync(client=admin, body=training)).id
    name = PatchedChannelChange(name="Rehearsals")
    assert told("renames it", channels_partial_update.sync(channel, client=admin, body=name)).name == name.name
    brief = Generate(
        platform=PlatformName.TWITTER,
        tone="professional",
        prompt="New product launch announcement",
        organization_id=organization,
        ai_provider="demo",
    )
    post = told("has a draft written", content_generate.sync(client=member, body=brief)).post.id
    words = PatchedPostWrite(segments=[SegmentWrite(text=TEXT)], channels=[channel])
    edited = told("edits it", posts_partial_update.sync(post, client=member, body=words))
    assert [each.text for each in edited.segments] == [TEXT]
    submitted = told("submits it", posts_submit.sync(post, client=member))
    read = Approve(revision=submitted.revision)
    told("has it approved", posts_approve.sync(post, client=admin, body=read))
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=5)
    when = Schedule(local_time=soon.strftime("%Y-%m-%dT%H:%M:%S"), timezone="UTC")
    planned = told("schedules it", posts_schedule.sync(post, client=admin, body=when)).planned
    assert abs(planned.at - soon) < datetime.timedelta(seconds=1)
    give_up = time.monotonic() + PATIENCE
    while (state := posts_retrieve.sync(post, client=member).state.value) != "published":
        if time.monotonic() > give_up:
            raise SystemExit(f"After {PATIENCE} s it is {state}.")
        time.sleep(0.5)
    told("finds it", posts_retrieve.sync(post, client=member))
    (delivery,) = told("asks where", deliveries_list.sync(client=member, post=post)).results
    (seen,) = told("sees what its followers see", channels_timeline.sync(channel, client=member)).results
    assert (seen.text, str(seen.id)) == (TEXT, delivery.remote_id)
    gone = told("takes the channel off", channels_disconnect.sync(channel, client=admin))
    assert gone.state is ChannelState.DISCONNECTED
    print(f"Published at {delivery.published_at:%H:%M:%S} UTC: {delivery.permalink}")


if __name__ == "__main__":
    main(sys.argv[1])
