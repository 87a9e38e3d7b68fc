from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OrganizationsConfig(AppConfig):
    name = "organizations"
    verbose_name = "Organizations"

    def ready(self):
        from . import putting_up_walls, recurring

        post_migrate.connect(putting_up_walls.put_up_walls, sender=self)
        recurring.plan(
            self,
            forget_old_answers=recurring.HOUR,
            clear_sessions=recurring.DAY,
            weigh_titles=recurring.DAY,
            send_mails=1,
            try_mails_again=10,
            erase_what_is_due=recurring.HOUR,
            forget_old_exports=recurring.HOUR,
        )
