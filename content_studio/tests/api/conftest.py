"""What tests of the API share: somebody signed in, through the same door as any tool."""

import pytest
from rest_framework.test import APIClient

from organizations.factories import PASSWORD


@pytest.fixture
def api_of(db):
    """`api_of(person)` is a client that carries that person's access token."""

    def signed_in(person):
        client = APIClient()
        answer = client.post("/api/v1/auth/token/", {"email": person.email, "password": PASSWORD})
        assert answer.status_code == 200, answer.content
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
        return client

    return signed_in
