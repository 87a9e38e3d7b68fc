"""The web server's settings. `docs/scaling.md` has the figures behind them."""

import gc
import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 120  # a worker silent for so long is replaced; streamed answers are not silent
graceful_timeout = 20
keepalive = 5
limit_request_line = 8190  # as much as a proxy lets through: a filter may name many ids
control_socket_disable = True
max_requests = int(os.environ.get("WEB_MAX_REQUESTS", "0"))
max_requests_jitter = max_requests // 10
reload = os.environ.get("RELOAD") == "1"
preload_app = not reload  # the processes share the memory of what is loaded before they begin
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (a heartbeat, no data)


def when_ready(server):
    """What the first request of every process would load is loaded once, and no longer searched for garbage."""
    if not preload_app:
        return
    from cms import warming

    warming.warm()
    gc.collect()
    gc.freeze()
