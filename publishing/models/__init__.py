"""Channels, what is to be delivered through them, every attempt at it, and the state of the engine itself."""

from .channels import Channel, Network
from .deliveries import Attempt, Delivery
from .operations import FailureNotice, NetworkPause, PublishingPolicy, Worker
from .sandbox import SandboxPost

__all__ = [
    "Attempt",
    "Channel",
    "Delivery",
    "FailureNotice",
    "Network",
    "NetworkPause",
    "PublishingPolicy",
    "SandboxPost",
    "Worker",
]
