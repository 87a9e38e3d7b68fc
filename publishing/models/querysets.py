"""What every table of an organization offers."""

from django.db import models


class ForOrganization(models.QuerySet):
    """Rows that belong to an organization."""

    def for_organization(self, organization):
        return self.filter(organization=organization)
