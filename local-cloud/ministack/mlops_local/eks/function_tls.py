"""Functions reach an API server by TLS.

MiniStack turns what a function sends to this machine by HTTPS into HTTP, for its own sake. Who trusts an authority of its
own speaks to a server of its own.
"""

from ministack.core import lambda_runtime

from .. import lambda_errors

_TO_THIS_MACHINE = """    if (host === "127.0.0.1" || host === "localhost" || host === msHost
        || (advertised && host === advertised)) {"""
_UNLESS_TRUSTED = """    const authority = options.ca || (options.agent && options.agent.options && options.agent.options.ca);
    if (!authority && (host === "127.0.0.1" || host === "localhost" || host === msHost
        || (advertised && host === advertised))) {"""


def install() -> None:
    """Change the script of Node's workers."""
    lambda_runtime._NODEJS_WORKER_SCRIPT = lambda_errors.replace_once(
        lambda_runtime._NODEJS_WORKER_SCRIPT, _TO_THIS_MACHINE, _UNLESS_TRUSTED
    )
