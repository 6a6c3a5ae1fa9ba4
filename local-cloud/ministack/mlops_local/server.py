"""Serves the application on a loopback port."""

import uvicorn


def serve(application, port: int) -> None:
    """Serve until SIGTERM or SIGINT.

    Not by Hypercorn as MiniStack does: through that about six in ten predictions per second were measured.
    """
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        # MiniStack dates its answers itself.
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run()
