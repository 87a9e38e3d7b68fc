from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = "Composition"

    def ready(self):
        from . import checks  # noqa: F401 (registers them)
