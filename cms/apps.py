from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = "Composition"

    def ready(self):
        from organizations import recurring

        from . import checks, promoting  # noqa: F401 (registers the checks)

        promoting.connect()
        recurring.plan(self, forget=recurring.DAY)
