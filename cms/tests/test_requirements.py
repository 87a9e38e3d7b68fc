"""Plain pip installs what is pinned, also the older ones that distributions ship."""

from importlib.metadata import PackageNotFoundError, requires

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pinned(name):
    lines = (settings.BASE_DIR / name).read_text().splitlines()
    found = [Requirement(line.removesuffix("\\").strip()) for line in lines if line[:1].isalnum() and "==" in line]
    return {canonicalize_name(each.name): each for each in found}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_what_is_pinned_has_the_extras_that_other_packages_ask_for(name):
    """In hash-checking mode pip 23.0 takes `google-auth[requests]` for another package than `google-auth`."""
    pins = pinned(name)
    asked = 0
    for package in pins.values():
        try:
            wanted = [Requirement(each) for each in requires(package.name) or []]
        except PackageNotFoundError:  # for another platform
            continue
        for each in wanted:
            needed = each.marker is None or any(
                each.marker.evaluate({"extra": extra}) for extra in package.extras | {""}
            )
            if needed and each.extras and canonicalize_name(each.name) in pins:
                asked += 1
                assert each.extras <= pins[canonicalize_name(each.name)].extras, f"{package.name} asks for {each}"
    assert asked
