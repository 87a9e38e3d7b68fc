from django.apps import AppConfig


class ContentStudioConfig(AppConfig):
    name = "content_studio"
    verbose_name = "Content studio"

    def ready(self):
        from billing import quotas
        from organizations import recurring

        from . import beginning, following, media_uses, review_mails  # noqa: F401  they answer signals from below
        from .ai import metering

        quotas.every_text_needs(metering.least_tokens)

        review_mails.leave_posts_to_us()
        recurring.plan(self, remind_reviewers=10, note_words_of_posts=recurring.DAY)
