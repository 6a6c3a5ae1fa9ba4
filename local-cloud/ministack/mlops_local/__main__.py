"""``python -m mlops_local``: MiniStack with everything of this package in it, on one loopback port."""

import os
import sys


def _environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise SystemExit(f"environment variable '{name}' is not set; local-cloud/start.ts sets it")
    return value


def main() -> None:
    """Check, replace, serve."""
    port = int(_environment("GATEWAY_PORT"))
    clock_file = _environment("MLOPS_LOCAL_CLOCK_FILE")
    _environment("MLOPS_LOCAL_SAGEMAKER_URL")

    from . import watchdog

    watchdog.end_with_parent(os.environ.get("MLOPS_LOCAL_SCRATCH_DIR"))

    from . import hooks

    try:
        hooks.check()
    except hooks.HookError as error:
        raise SystemExit(f"cannot start the local cloud: {error}") from error

    from ministack import app

    from . import accounts, admin, application_auto_scaling, async_invocations, athena, athena_rights, buckets, clock
    from . import cloudformation, event_sources, firehose, function_targets, global_tables, lambda_errors, metric_rights
    from . import role_session, sagemaker, schedules, server, stack_waits, step_functions, targets, time_to_live
    from . import transport, vpc
    from .alarms import service as alarms
    from .eks import clusters, function_tls, manifests, resources
    from .eks import server as eks_server
    from .faults import deliveries, requests
    from .faults.store import FaultStore
    from .rights import recorder
    from .rights.review import RightsReview

    moved = clock.install(clock_file)
    schedules.install(moved)
    transport.install()
    lambda_errors.install()
    async_invocations.install()
    event_sources.install()
    global_tables.install()
    time_to_live.install()
    handler = sagemaker.install()
    application_auto_scaling.install()
    accounts.install()
    role_session.install()
    step_functions.install()
    targets.install()
    function_targets.install()
    cloudformation.install()
    vpc.install()
    eks = eks_server.from_environment()
    clusters.install(eks)
    resources.install()
    manifests.install(eks)
    function_tls.install()
    buckets.install()
    stack_waits.install()
    alarms.install()
    firehose.install()
    athena.install()
    athena_rights.install()
    metric_rights.install()
    rights = RightsReview(recorder.install())
    faults = FaultStore()
    requests.install(faults)
    deliveries.install(faults)
    alarms.run_forever(moved.unless_moving)
    firehose.run_forever(moved.unless_moving)
    time_to_live.run_forever(moved.unless_moving)
    try:
        server.serve(admin.wrap(app.app, admin.Parts(moved, handler, rights, faults)), port)
    except OSError as error:
        raise SystemExit(f"cannot listen on port {port}: {error}") from error
    sys.exit(0)


if __name__ == "__main__":
    main()
