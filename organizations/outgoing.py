"""The one way out of this network: connections that reach nothing that only this server can reach.

Addresses that people name (a server of Mastodon's, a webhook) go through here. A
redirect is never followed by itself: whoever follows one comes here again.
"""

import ipaddress
import socket
import threading

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util import connection as sockets

# NAT64, and the old form of IPv4 addresses in IPv6: the last four bytes are where a connection ends.
CARRYING_IPV4 = [ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96")]


class PrivateAddress(OSError):
    """The name leads to an address that only this server can reach."""


def _addresses(host: str, port: int) -> list[str]:
    """Where `host` may be connected to. Raises PrivateAddress for what is not on the public internet."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)]
    if not settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES:
        for address in found:
            if not is_public(address):
                raise PrivateAddress(f"{host} is not a public address")
    return found


def is_public(address: str) -> bool:
    """True for one host on the public internet. An IPv6 address that only carries an IPv4 one is judged by that."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        carried = ip.ipv4_mapped or ip.sixtofour
        if any(ip in network for network in CARRYING_IPV4):
            carried = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = carried or ip
    return ip.is_global and not ip.is_multicast


class _Checked:
    """Looks the name up, checks every address, and connects to just those: a second look-up could tell otherwise."""

    def _new_conn(self):
        last: OSError | None = None
        try:
            for address in _addresses(self._dns_host, self.port):
                try:
                    return sockets.create_connection(
                        (address, self.port), self.timeout, socket_options=self.socket_options
                    )
                except OSError as err:
                    last = err
        except OSError as err:
            last = err
        raise NewConnectionError(self, f"{last}") from last


class _HTTP(_Checked, HTTPConnection):
    pass


class _HTTPS(_Checked, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPS


_pools: urllib3.PoolManager | None = None
_pools_lock = threading.Lock()


def connections() -> urllib3.PoolManager:
    """One set of kept-open connections for the whole process."""
    global _pools
    with _pools_lock:
        if _pools is None:
            _pools = urllib3.PoolManager(num_pools=200, maxsize=settings.PUBLISHING_THREADS, retries=False)
            _pools.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
        return _pools
