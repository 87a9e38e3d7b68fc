"""What those who run the installation see of publishing: the deliveries of all organizations, in figures."""

from collections import defaultdict

from django.utils.translation import gettext_lazy as _

from organizations.studio import OperatorsPage
from publishing import operations
from publishing.models import Network


class OperatorsView(OperatorsPage):
    """One page for superusers. It names channels and their organizations, and shows nothing that anybody wrote."""

    template_name = "publishing/operators.html"
    page_title = _("Deliveries of all")
    header_icon = "resubmit"

    def get_context_data(self, **kwargs):
        now = operations.figures_of_all()
        return super().get_context_data(
            now=now,
            problems=operations.problems(),
            in_flight=sum(worker.in_flight for worker in now.workers),
            failures=by_network(now.failures),
            **kwargs,
        )


def by_network(failures: list[dict]) -> list[dict]:
    """The counted failures under their networks, the network with the most first."""
    found: dict[str, list[dict]] = defaultdict(list)
    for row in failures:
        found[row["channel__network"]].append({"kind": row["failure_kind"], "count": row["count"]})
    rows = [
        {"network": Network(network).label, "causes": causes, "count": sum(each["count"] for each in causes)}
        for network, causes in found.items()
    ]
    return sorted(rows, key=lambda row: -row["count"])
