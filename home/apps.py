from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "home"
    verbose_name = "Public site"

    def ready(self):
        from organizations import recurring

        from . import changes

        changes.connect()
        recurring.plan(self, publish_what_is_due=1)
