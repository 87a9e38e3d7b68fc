"""What Stripe's API takes and gives, read from the types of Stripe's own SDK.

The SDK's types are generated from Stripe's published OpenAPI description, so a
parameter that is not in them is one that Stripe refuses.
"""

import functools
import importlib
import types
import typing

import typing_extensions
from stripe._request_options import RequestOptions
from stripe._stripe_object import StripeObject

OPTIONS = set(RequestOptions.__annotations__)


class Refused(Exception):
    """Stripe answers with an error."""

    def __init__(self, message, *, status=400, type="invalid_request_error", code=None, param=None):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": type, "code": code, "param": param}}


def params_type(name):
    """The SDK's type of one call's parameters, such as `checkout.SessionCreateParams`."""
    package, _, cls = name.rpartition(".")
    return getattr(importlib.import_module(f"stripe.params.{package}" if package else "stripe.params"), cls)


@functools.cache
def hints_of(typed_dict):
    unimported = {"StripeContext": object, "HTTPClient": object, "Mapping": typing.Mapping}  # for type checkers only
    hints = typing_extensions.get_type_hints(typed_dict, localns=unimported, include_extras=True)
    return {name: hint for name, hint in hints.items() if name not in OPTIONS or name == "expand"}


def check(params, typed_dict, path=""):
    """Refuses parameters that Stripe does not know and misses those that it requires."""
    hints = hints_of(typed_dict)
    for name, value in params.items():
        where = f"{path}[{name}]" if path else name
        if name not in hints:
            raise Refused(f"Received unknown parameter: {where}", code="parameter_unknown", param=where)
        _check_value(value, hints[name], where)
    for name, hint in hints.items():
        if typing_extensions.get_origin(hint) is not typing_extensions.NotRequired and name not in params:
            where = f"{path}[{name}]" if path else name
            raise Refused(f"Missing required param: {where}.", code="parameter_missing", param=where)


def _check_value(value, hint, where):
    origin = typing_extensions.get_origin(hint)
    if origin is typing_extensions.NotRequired or origin is typing_extensions.Required:
        return _check_value(value, typing_extensions.get_args(hint)[0], where)
    options = _options(hint)
    nested = [each for each in options if typing_extensions.is_typeddict(each)]
    lists = [each for each in options if typing_extensions.get_origin(each) is list]
    literals = [
        each for each in options if typing_extensions.get_origin(each) in (typing.Literal, typing_extensions.Literal)
    ]
    if isinstance(value, dict) and nested:
        return check(value, nested[0], where)
    if isinstance(value, list) and lists:
        for number, each in enumerate(value):
            _check_value(each, typing_extensions.get_args(lists[0])[0], f"{where}[{number}]")
        return None
    allowed = [each for literal in literals for each in typing_extensions.get_args(literal) if each]
    if isinstance(value, str) and value and allowed and value not in allowed:
        raise Refused(f"Invalid {where}: must be one of {', '.join(allowed)}", param=where)
    if isinstance(value, str) and options == [bool] and value not in ("true", "false"):
        raise Refused(f"Invalid boolean: {value}", param=where)
    if isinstance(value, str) and options == [int] and not value.lstrip("-").isdigit():
        raise Refused(f"Invalid integer: {value}", param=where)
    if isinstance(value, (dict, list)) and not nested and not lists and options in ([str], [int], [bool]):
        raise Refused(f"Invalid {where}: expected a plain value", param=where)
    return None


def _options(hint):
    if typing_extensions.get_origin(hint) in (typing.Union, types.UnionType):
        return [each for part in typing_extensions.get_args(hint) for each in _options(part)]
    return [hint]


def complaints(data, cls):
    """What is wrong with an answer, next to the SDK's class of it: unknown members, and required ones that miss."""
    fields = {name: hint for name, hint in cls.__annotations__.items() if name not in ("OBJECT_NAME",)}
    found = [f"{cls.__name__} has no {name}" for name in data if name not in fields]
    for name, hint in fields.items():
        optional = "Optional[" in str(hint) or "NoneType" in str(hint)
        if name not in data and not optional:
            found.append(f"{cls.__name__}.{name} is missing")
        nested = getattr(cls, "_inner_class_types", {}).get(name)
        if nested and issubclass(nested, StripeObject):
            each = data.get(name)
            for part in each if isinstance(each, list) else [each]:
                if isinstance(part, dict):
                    found += complaints(part, nested)
    return found


def unflatten(pairs):
    """`a[b][0][c]=d` as nested dictionaries and lists, as Stripe reads a form."""
    root = {}
    for key, value in pairs:
        parts = key.replace("]", "").split("[")
        node = root
        for part in parts[:-1]:
            node = node.setdefault(part, {})
        if parts[-1] == "":
            node[str(len(node))] = value
        else:
            node[parts[-1]] = value
    return _lists(root)


def _lists(node):
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(value) for key, value in node.items()}
