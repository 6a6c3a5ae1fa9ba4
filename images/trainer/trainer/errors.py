"""Errors that a person can act on, and how a job hands them to whoever asked for it."""

from pathlib import Path

# FailureReason of a training job and ExitMessage of a processing job hold this much
MESSAGE_BYTES = 1024


class InputError(Exception):
    """What the job was given is wrong; the message says which part, what it is, and what it must be."""


def write_message(path: Path, first_line: str, tail: str = "") -> None:
    """Writes the first line and as much of the end of the output as the service passes on."""
    head = first_line.encode()[:MESSAGE_BYTES]
    room = MESSAGE_BYTES - len(head) - 1
    end = tail.encode()[-room:] if room > 0 and tail else b""
    path.parent.mkdir(parents=True, exist_ok=True)
    # a cut may fall inside a character; the service refuses what is not UTF-8
    path.write_text((head + b"\n" + end).decode(errors="ignore").strip() + "\n")
