"""Ends this process and all its Lambda workers when the process that started it is gone."""

import os
import shutil
import signal
import sys
import threading


def end_with_parent(scratch: str | None) -> None:
    """Watch stdin, whose other end the parent holds open: at its end, however the parent died, end the group.

    Lambda workers are in this process group, and MiniStack's own SIGTERM handler would leave them behind. Files in
    ``scratch`` are removed, since the parent no longer can.
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)
        os.killpg(os.getpgid(0), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watchdog", daemon=True).start()
