"""The organization's log in the API, a page at a time."""

import base64
import binascii
import json
from datetime import datetime
from uuid import uuid5

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from organizations import audit
from organizations.rest import GivenSerializer, OrganizationViewMixin
from organizations.roles import Action


class AuditQuerySerializer(GivenSerializer):
    person = serializers.UUIDField(required=False, help_text="Who did it: the person's id.")
    action = serializers.CharField(required=False, max_length=255, help_text="Such as `organizations.invite`.")
    since = serializers.DateTimeField(required=False, help_text="At this moment or later.")
    until = serializers.DateTimeField(required=False, help_text="Before this moment.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100, default=25)
    cursor = serializers.CharField(required=False, help_text="From `next`.")


class AuditEntrySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    person = serializers.UUIDField(allow_null=True, help_text="Null for what the studio did by itself.")
    person_name = serializers.CharField()
    action = serializers.CharField(help_text="Stable, such as `organizations.invite` or `wagtail.edit`.")
    description = serializers.CharField()
    subject = serializers.CharField(help_text="What it was done with.")
    address = serializers.CharField(help_text="Where the request came from; empty where not known.")


class AuditPageSerializer(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    results = AuditEntrySerializer(many=True)


class AuditLogView(OrganizationViewMixin, APIView):
    """Who did what, when and from where."""

    required_action = Action.READ_AUDIT_LOG
    only_people = ("get",)
    query_parameters = tuple(AuditQuerySerializer().fields)

    @extend_schema(
        operation_id="audit_log_list",
        tags=["audit-log"],
        summary="Read the log",
        description="Newest first. For people only.",
        parameters=[AuditQuerySerializer],
        responses=AuditPageSerializer,
    )
    def get(self, request):
        query = AuditQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        size = asked.pop("page_size")
        below = _place(asked.pop("cursor", ""))
        found = audit.entries(self.organization, **asked, below=below, count=size + 1)
        shown, more = found[:size], len(found) > size
        following = replace_query_param(request.build_absolute_uri(), "cursor", _cursor(shown[-1])) if more else None
        results = [
            {
                "id": uuid5(self.organization.pk, f"{each.place.log} {each.place.number}"),
                "at": each.at,
                "person": each.person_id or None,
                "person_name": each.person,
                "action": each.action,
                "description": each.did,
                "subject": each.what,
                "address": each.address,
            }
            for each in shown
        ]
        return Response(AuditPageSerializer({"next": following, "results": results}).data)


def _cursor(entry: audit.Entry) -> str:
    at, log, number = entry.place
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), log, number]).encode()).decode()


def _place(cursor: str) -> audit.Place | None:
    if not cursor:
        return None
    try:
        at, log, number = json.loads(base64.urlsafe_b64decode(cursor))
        return audit.Place(datetime.fromisoformat(at), int(log), int(number))
    except (ValueError, TypeError, binascii.Error) as err:
        raise NotFound(_("This cursor leads nowhere. Begin again without one.")) from err
