from django.apps import AppConfig


class ContentStudioConfig(AppConfig):
    name = "content_studio"
    verbose_name = "Content studio"

    def ready(self):
        from . import beginning  # noqa: F401  answers organization_created
