"""What django-q2 runs for the whole house, one line each."""

from django.core.management import call_command

from . import erasing, exporting, idempotency, mailing


def forget_old_answers() -> int:
    return idempotency.forget_old()


def send_mails() -> None:
    mailing.send_waiting()


def try_mails_again() -> int:
    return mailing.try_again()


def clear_sessions() -> None:
    call_command("clearsessions")


def weigh_titles() -> None:
    """Rebuilds the search index, with the weight of every title; see `organizations.search`."""
    call_command("update_index", verbosity=0)


def erase_what_is_due() -> int:
    """Every hour: organizations that were deleted thirty days ago."""
    return erasing.erase_what_is_due()


def export(pk: str) -> None:
    exporting.carry_out(pk)


def forget_old_exports() -> int:
    """Every hour: archives that nobody can download any more."""
    return exporting.forget_old()
