"""A Redis cache that carries on when Redis is gone."""

import functools
import logging
import time
from typing import Any

import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

SECONDS_APART = 5.0  # between two tries to reach a server that did not answer

logger = logging.getLogger(__name__)


def _or_by_itself(name: str) -> Any:
    ask_redis, ask_memory = getattr(RedisCache, name), getattr(LocMemCache, name)

    @functools.wraps(ask_redis)
    def ask(self: "CarryingOnCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self.redis_rests_until:
            try:
                return ask_redis(self, *args, **kwargs)
            except redis.RedisError as error:
                self.redis_rests_until = time.monotonic() + SECONDS_APART
                logger.warning("Redis does not answer (%s): this process counts and caches by itself", error)
        return ask_memory(self.memory, *args, **kwargs)

    return ask


class CarryingOnCache(RedisCache):
    """Django's Redis cache; while Redis does not answer, each process has a cache of its own.

    Pages become slower, and attempts to log in are counted in each process:
    both are better than nobody being able to work. Nothing here is the truth of
    anything; that is in PostgreSQL.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.memory = LocMemCache("beside-redis", {})
        self.redis_rests_until = 0.0

    add = _or_by_itself("add")
    get = _or_by_itself("get")
    set = _or_by_itself("set")
    touch = _or_by_itself("touch")
    delete = _or_by_itself("delete")
    get_many = _or_by_itself("get_many")
    has_key = _or_by_itself("has_key")
    incr = _or_by_itself("incr")
    set_many = _or_by_itself("set_many")
    delete_many = _or_by_itself("delete_many")
    clear = _or_by_itself("clear")
