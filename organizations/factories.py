"""People and organizations for tests."""

import factory
from allauth.account.models import EmailAddress

from .creating import create_organization
from .models import Membership, Organization, Role, User

PASSWORD = "correct-horse-9"


class UserFactory(factory.django.DjangoModelFactory):
    """A person with a verified e-mail address, who signs in with `PASSWORD`."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.test")
    first_name = factory.Sequence(lambda n: f"Person{n}")

    @classmethod
    def _create(cls, model_class, *args, password=PASSWORD, verified=True, **kwargs):
        user = model_class.objects.create_user(*args, password=password, **kwargs)
        EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
        return user


class OrganizationFactory(factory.django.DjangoModelFactory):
    """An organization as signing up makes it: with groups, collection, workspace and workflow."""

    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    owner = factory.SubFactory(UserFactory)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return create_organization(**kwargs)


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    organization = factory.SubFactory(OrganizationFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.MEMBER
