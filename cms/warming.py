"""What the first request of every web process would make, made once before the processes begin."""

import contextlib
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.template import Engine, TemplateDoesNotExist, TemplateSyntaxError, engines
from django.urls import reverse
from wagtail.models import get_page_models


def warm() -> None:
    """Loads the addresses, the templates and the editors' forms. Leaves no connection to the database open."""
    reverse("wagtailadmin_home")
    if not settings.DEBUG:  # where templates are read anew each time
        compile_templates()
    for model in get_page_models():
        model.get_edit_handler().get_form_class()
    connections.close_all()  # a connection must not be shared by two processes


def compile_templates() -> None:
    """Compiles every template that a process would keep."""
    engine = Engine.get_default()
    names = {
        str(path.relative_to(folder))
        for folder in map(Path, engines["django"].template_dirs)
        for path in folder.rglob("*.html")
    }
    for name in names:
        # Packages have templates of what is not installed here.
        with contextlib.suppress(TemplateDoesNotExist, TemplateSyntaxError):
            engine.get_template(name)
