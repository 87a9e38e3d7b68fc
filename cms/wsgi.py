"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

application = get_wsgi_application()

from home.page_cache import with_page_cache  # noqa: E402 - needs the apps above

application = with_page_cache(application)

from cms import checks  # noqa: E402 (needs the apps to be loaded)

checks.refuse_if_unsafe()
