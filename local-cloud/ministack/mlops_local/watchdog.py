"""Ends this process and all its Lambda workers when the process that started it is gone."""

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """Watch stdin, whose other end the parent holds open: at its end, however the parent died, end the group.

    Lambda workers are in this process group, and MiniStack's own SIGTERM handler would leave them behind.
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        os.killpg(os.getpgid(0), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watchdog", daemon=True).start()
