"""Where the service may send messages: never inside its own network (server-side request forgery)."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 2048
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_UNICAST: Final = ipaddress.ip_network("2000::/3")  # all of IPv6 that is handed out to the public (RFC 4291)
_CLOUDS: Final = frozenset(
    {"168.63.129.16", "192.0.0.192"}
)  # public by number, yet the host's own services (Azure, OCI)


def fault_of_url(url: str, *, allow_inside: bool = False) -> str:
    """What is wrong with a URL that a tenant gives, before anything is resolved; empty where nothing is."""
    if len(url) > LONGEST or any(ord(character) <= 0x20 or ord(character) == 0x7F for character in url):
        return f"a URL has at most {LONGEST} characters, and no blanks among them"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "this is not a URL"
    schemes = ("https", "http") if allow_inside else ("https",)
    if parts.scheme not in schemes or not host:
        return f"give an absolute {' or '.join(schemes)} URL"
    if parts.username is not None or parts.password is not None:
        return "a URL must not carry a user name or a password"
    if port is not None and not 0 < port < 65536:
        return "the port must be between 1 and 65535"
    address = _address(host)
    if not allow_inside and (is_inside(address) if address else _is_local_name(host)):
        return "the address must not be inside a private network"
    return ""


def is_safe_way(url: str) -> bool:
    """Whether nobody on the way to a server can read or change what is said: TLS, or this very machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host, by address or as `localhost`, is this very machine."""
    address = _address(host)
    return ipaddress.ip_address(address).is_loopback if address else host == "localhost"


def is_inside(address: str) -> bool:
    """Whether an IP address is anything but a public one; addresses that embed another one count as both."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip not in _UNICAST and ip not in _NAT64:
            return True
        embedded = [ip.ipv4_mapped, ip.sixtofour, ip.teredo[1] if ip.teredo else None]
        if ip in _NAT64:
            embedded.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if any(one is not None and is_inside(str(one)) for one in embedded):
            return True
    return not ip.is_global or ip.is_multicast or str(ip) in _CLOUDS


def _address(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return None


def _is_local_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith((".localhost", ".local", ".internal")) or "." not in name
