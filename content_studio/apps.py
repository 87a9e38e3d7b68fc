from django.apps import AppConfig


class ContentStudioConfig(AppConfig):
    name = "content_studio"
    verbose_name = "Content studio"

    def ready(self):
        from . import beginning, following, media_uses  # noqa: F401  they answer signals from below
