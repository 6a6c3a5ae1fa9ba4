"""What lies between two accounts: resources whose own policy lets another account's principals in, and nothing else.

MiniStack keeps accounts apart by the access key, and knows of each other only buckets. Here are those that a promotion
reads: a bucket's objects by role, a repository's images, a group's versions; and the bus that another account's rule tells.
"""

from . import event_buses, principals, shared_buckets, shared_images


def install() -> None:
    """Let other accounts in where a policy says so."""
    principals.install()
    shared_buckets.install()
    shared_images.install()
    event_buses.install()
