"""What the public site answers besides its pages."""

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from . import share_picture, visiting
from .blocks.reference import known_problems
from .excerpts import excerpt
from .models import ContactPage, DocsIndexPage, SitePage
from .page_cache import keep
from .public import public_pages
from .stylesheet import stylesheet as built_stylesheet

RESULTS_PER_PAGE = 10
LONGEST_QUERY = 200
FAR_FUTURE = "public, max-age=31536000, immutable"


def in_english(view):
    """The views below speak the site's language, whatever the browser asks for."""

    def answer(request, *args, **kwargs):
        translation.activate(settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = settings.LANGUAGE_CODE
        return view(request, *args, **kwargs)

    return answer


@require_safe
def stylesheet(request, digest):
    text, current = built_stylesheet()
    if digest != current:
        return HttpResponsePermanentRedirect(reverse("stylesheet", args=[current]))
    response = HttpResponse(text, content_type="text/css; charset=utf-8", headers={"Cache-Control": FAR_FUTURE})
    keep(request, response)
    return response


@require_safe
@in_english
def search(request):
    """Full-text search in the public site: all of it, or the documentation alone (`in=docs`)."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    in_docs = request.GET.get("in") == "docs"
    docs = DocsIndexPage.objects.live().public().first() if in_docs else None
    results = None
    if query:
        found = public_pages(docs).search(query, operator="and")
        results = Paginator(found, RESULTS_PER_PAGE).get_page(request.GET.get("page"))
        pages = [page.specific for page in results.object_list]
        results.object_list = [(page, excerpt(page, query)) for page in pages]
    return render(request, "home/search.html", {"query": query, "results": results, "in_docs": in_docs})


@require_safe
def sitemap(request):
    pages = [page for page in public_pages().order_by("path").specific() if not page.hidden_from_search_engines]
    context = {"pages": pages, "base": settings.BASE_URL}
    response = render(request, "home/sitemap.xml", context, content_type="application/xml; charset=utf-8")
    keep(request, response)
    return response


@require_safe
def robots(request):
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /accounts/",
        "Disallow: /api/",
        "Disallow: /search/",
        "Disallow: /newsletter/",
        "",
        f"Sitemap: {settings.BASE_URL}/sitemap.xml",
        "",
    ]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    keep(request, response)
    return response


@require_safe
@in_english
def llms(request):
    """The site in outline, for language models (llmstxt.org)."""
    pages = [page for page in public_pages().order_by("path").specific() if not page.hidden_from_search_engines]
    home = next((page for page in pages if page.depth == 2), None)
    groups = [(page, [below for below in pages if below.is_descendant_of(page)]) for page in pages if page.depth == 3]
    context = {"home": home, "groups": groups, "base": settings.BASE_URL, "product": settings.PRODUCT_NAME}
    response = render(request, "home/llms.txt", context, content_type="text/plain; charset=utf-8")
    keep(request, response)
    return response


@require_GET
def favicon(request):
    return redirect(static("brand/favicon.ico"), permanent=True)


@require_safe
def picture_for_sharing(request, pk):
    """The picture that link previews show for a page of the public site."""
    page = get_object_or_404(public_pages(), pk=pk).specific
    if not isinstance(page, SitePage):
        raise Http404
    response = FileResponse(default_storage.open(share_picture.stored(page)), content_type="image/png")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_safe
def problem(request, slug):
    """The address in an API error's `type` leads to where that error is explained."""
    if slug not in known_problems():
        raise Http404
    return redirect(f"/docs/api/problems/#{slug}")


@csrf_exempt
@require_POST
def message(request, pk):
    """Takes the contact form of page `pk`."""
    page = get_object_or_404(ContactPage.objects.live().public().filter(organization__isnull=True), pk=pk)
    return page.take(request)


@csrf_exempt  # no cookie on the public site: `came_from_here` does its work
@require_POST
@in_english
def newsletter(request):
    form = visiting.NewsletterForm(request.POST)
    if not visiting.came_from_here(request):
        return _plain(request, "Not from here", "This form works only on our own pages.", status=403)
    if form.is_trapped:
        return redirect("newsletter_asked")
    if not form.is_valid():
        return _plain(request, "That is no e-mail address", "Please go back and write it again.", status=422)
    try:
        visiting.ask_for_newsletter(email=form.cleaned_data["email"], sender=visiting.sender_of(request))
    except visiting.TooMany as problem:
        return _plain(request, problem.title, problem.detail, status=problem.status)
    return redirect("newsletter_asked")


@require_safe
@in_english
def newsletter_asked(request):
    return _plain(
        request,
        "One more step",
        "We have sent you a mail. Open the link in it, and you will hear from us; without that, you never will.",
    )


@csrf_exempt
@in_english
def newsletter_confirm(request, token):
    # A GET only asks: programs that scan mail follow links, too.
    if request.method != "POST":
        return _plain(request, "News about Content Studio", "Shall we write to you about once a month?", "Yes, please")
    if visiting.confirm_newsletter(token) is None:
        return _plain(
            request, "This link is too old", "Please subscribe again; a new link lives for a week.", status=410
        )
    return _plain(request, "You are subscribed", "Every mail has a link at its end with which you can leave.")


@csrf_exempt
@in_english
def newsletter_leave(request, token):
    if request.method != "POST":
        return _plain(request, "Leave the newsletter", "We delete your address at once.", "Leave")
    visiting.leave_newsletter(token)
    return _plain(request, "You have left", "Your address is deleted.")


def _plain(request, heading, text, button="", *, status=200):
    context = {"heading": heading, "text": text, "button": button}
    return render(request, "home/plain.html", context, status=status)
