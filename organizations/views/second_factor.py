"""What somebody sees of an organization that asks for a second factor, before they have one."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from organizations.models import Organization
from organizations.second_factors import is_missing
from organizations.walls import outside_walls


@method_decorator(login_required, name="dispatch")
class SecondFactorView(TemplateView):
    """Says what is asked for and leads to setting it up. For people of the organization; for others there is none."""

    template_name = "organizations/second_factor.html"

    def get(self, request, pk):
        mine = Organization.objects.for_user(request.user).at_work()
        with outside_walls():  # the person may work for another of theirs at this moment, or for none
            organization = mine.filter(pk=pk).first()
            others = list(mine.exclude(pk=pk))
        if organization is None:
            raise Http404
        if not is_missing(request.user, organization):
            return redirect("wagtailadmin_home")
        return self.render_to_response({"organization": organization, "others": others})
