"""`manage.py doctor`: what is wrong with this installation, and how to mend it."""

import json
import sys
from dataclasses import asdict

from django.core.management.base import BaseCommand

from cms import doctor

MARKS = {
    doctor.Verdict.OK: "ok  ",
    doctor.Verdict.UNUSED: "—   ",
    doctor.Verdict.WARNING: "WARN",
    doctor.Verdict.FAILED: "FAIL",
}


class Command(BaseCommand):
    help = "Checks everything that this installation stands on. Ends with 1 when something does not work."
    requires_system_checks = []  # they are one of the findings

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="for monitoring: one list of findings")

    def handle(self, *args, **options):
        found = []
        for finding in doctor.examine():
            found.append(finding)
            if not options["json"]:
                self.stdout.write(f"{MARKS[finding.verdict]}  {finding.subject:<20} {finding.what}")
                if finding.remedy:
                    self.stdout.write(f"      {'':<20} → {finding.remedy}")
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
        if any(finding.verdict == doctor.Verdict.FAILED for finding in found):
            sys.exit(1)
