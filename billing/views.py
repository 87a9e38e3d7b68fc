"""Pages of the studio about the plan."""

from django.http import HttpResponse


def plan(request):
    return HttpResponse("")


def returned(request):
    return HttpResponse("")
