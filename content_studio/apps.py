from django.apps import AppConfig


class ContentStudioConfig(AppConfig):
    name = "content_studio"
    verbose_name = "Content studio"
