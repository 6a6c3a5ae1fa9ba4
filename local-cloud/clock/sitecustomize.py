"""Shifts the wall clock of a Python process by the local cloud's movable clock.

On PYTHONPATH of processes of the local cloud only: ``time.time``, ``datetime.now`` and their kind are ahead by the
milliseconds that the file named by MLOPS_LOCAL_CLOCK_FILE holds. ``time.monotonic`` and sleeping stay real.
"""

import os

# How long, in real seconds, a moved clock may go unseen.
_LOOK_EVERY = 0.02


def _follow(path: str) -> None:
    import threading
    import time

    try:
        import time_machine
    except ImportError:
        # Another environment than the local cloud's: it keeps real time.
        return

    def offset_ms() -> int:
        try:
            with open(path, encoding="ascii") as file:
                return int(file.read().strip() or "0")
        except (OSError, ValueError):
            return 0

    def real_now() -> float:
        if time_machine.escape_hatch.is_travelling():
            return time_machine.escape_hatch.time.time_ns() / 1e9
        return time.time()

    shown = offset_ms()
    traveller = time_machine.travel(real_now() + shown / 1000, tick=True).start() if shown else None
    watched = threading.Event()

    def look() -> None:
        nonlocal shown, traveller
        while not watched.wait(_LOOK_EVERY):
            wanted = offset_ms()
            if wanted <= shown:
                continue
            if traveller is None:
                traveller = time_machine.travel(real_now() + wanted / 1000, tick=True).start()
            else:
                traveller.move_to(real_now() + wanted / 1000)
            shown = wanted

    threading.Thread(target=look, name="local-clock", daemon=True).start()


if os.environ.get("MLOPS_LOCAL_CLOCK_FILE"):
    _follow(os.environ["MLOPS_LOCAL_CLOCK_FILE"])
