"""The server loads what the trainer saved: what both pin, they pin alike."""

import re
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[2]


def pins(image: str) -> dict[str, str]:
    text = (IMAGES / image / "requirements.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, flags=re.MULTILINE))


def test_what_both_images_hold_has_one_version():
    trainer, server = pins("trainer"), pins("model-server")
    assert {"scikit-learn", "numpy", "joblib", "scipy"} <= set(trainer)
    assert {name: server[name] for name in trainer} == trainer


def test_locks_name_no_index():
    for image in ("trainer", "model-server"):
        assert not re.search(r"^--", (IMAGES / image / "requirements.txt").read_text(), flags=re.MULTILINE)
