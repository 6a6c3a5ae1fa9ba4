"""Plain HTTP counts as secure here, since there is no network between the parts of one machine."""

from ministack import app
from ministack.core import iam_evaluator

from . import hooks


def install() -> None:
    """Deny-without-TLS bucket policies (the CDK bootstrap bucket has one) must not refuse loopback requests."""

    def secure(original):
        def pin_request_origin(source_ip: str, secure_transport: bool) -> None:
            original(source_ip, secure_transport)
            iam_evaluator._request_origin.set((source_ip, True))

        return pin_request_origin

    hooks.wrap(iam_evaluator, "pin_request_origin", secure)
    # `app` imported the function by name.
    app.pin_request_origin = iam_evaluator.pin_request_origin
