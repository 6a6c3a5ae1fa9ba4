"""A fault as a test writes it, checked: what it does, where, and how often."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

REQUEST = "request"
EVENT = "event"
RESOURCE = "resource"


@dataclass(frozen=True)
class Effect:
    """What a fault may do: where it applies, and the fields that it takes with their defaults."""

    point: str
    fields: Mapping[str, object] = field(default_factory=dict)


# A default of None means that the field may be left out.
EFFECTS: dict[str, Effect] = {
    # To a request of any service, as its caller sees it.
    "throttle": Effect(REQUEST),
    "error": Effect(REQUEST, {"code": "InternalFailure", "status": 500, "message": "injected by a fault"}),
    "slow": Effect(REQUEST, {"seconds": 1.0}),
    # Carried out, but the caller is told that it was not.
    "answer-lost": Effect(REQUEST, {"seconds": 0.0}),
    # The Lambda function that sends it dies, before or after it is carried out.
    "caller-killed": Effect(REQUEST, {"when": "before"}),
    # To an event on its way to the rules of EventBridge. Seconds are real ones.
    "event-duplicated": Effect(EVENT, {"seconds": 0.0}),
    "event-late": Effect(EVENT, {"seconds": 1.0}),
    "event-lost": Effect(EVENT),
    # To a job or an endpoint of the local SageMaker, at one of its steps.
    "capacity-error": Effect(RESOURCE),
    "job-failure": Effect(RESOURCE, {"message": "injected by a fault"}),
    "process-killed": Effect(RESOURCE),
}
# What says where: patterns with `*` and `?`, as in policies.
SELECTORS = {
    REQUEST: ("action", "resource"),
    EVENT: ("detailType", "resource"),
    RESOURCE: ("resource", "step"),
}
# Steps at which a resource looks for a fault; anything else would wait for ever.
STEPS = {
    "capacity-error": ("Starting", "Creating"),
    "job-failure": ("Starting", "Downloading", "Training", "Processing", "Uploading"),
    "process-killed": ("Training", "Processing", "ActivatingTraffic", "Baking", "InService"),
}
WHEN = ("before", "after")
ALWAYS = "always"


class InvalidFault(ValueError):
    """The fault is not one; the message names the property, its value, and what is allowed."""


@dataclass
class Fault:
    """One fault with what is left of it."""

    id: str
    effect: str
    selectors: Mapping[str, str]
    options: Mapping[str, object]
    # Matching requests, events or steps that go by before it strikes.
    after: int
    # How often it strikes; None is always.
    times: int | None
    struck: int = 0
    passed: int = 0

    @property
    def point(self) -> str:
        return EFFECTS[self.effect].point

    def strikes(self, about: Mapping[str, str | list[str]]) -> bool:
        """Whether it is meant and due; counts either way."""
        if self.times is not None and self.struck >= self.times:
            return False
        if not all(_matches(about.get(name), pattern) for name, pattern in self.selectors.items()):
            return False
        if self.passed < self.after:
            self.passed += 1
            return False
        self.struck += 1
        return True

    def described(self) -> dict:
        """As it was written, with how often it has struck."""
        return {
            "id": self.id,
            "effect": self.effect,
            **self.selectors,
            **self.options,
            "after": self.after,
            "times": ALWAYS if self.times is None else self.times,
            "struck": self.struck,
        }


def _matches(value: str | list[str] | None, pattern: str) -> bool:
    values = value if isinstance(value, list) else [value or ""]
    return any(fnmatchcase(one.lower(), pattern.lower()) for one in values)


def parse(written: object, identity: str) -> Fault:
    """Check a fault; everything that is wrong with it is named."""
    if not isinstance(written, dict):
        raise InvalidFault(f"a fault must be a JSON object, got {written!r}")
    effect = written.get("effect")
    known = EFFECTS.get(effect) if isinstance(effect, str) else None
    if known is None:
        raise InvalidFault(f"'effect' must be one of {', '.join(EFFECTS)}; got {effect!r}")
    selectors = SELECTORS[known.point]
    allowed = ("effect", *selectors, *known.fields, "after", "times")
    for name in written:
        if name not in allowed:
            raise InvalidFault(f"'{name}' is not a property of a fault '{effect}'; allowed: {', '.join(allowed)}")
    for name in selectors:
        if not isinstance(written.get(name, "*"), str):
            raise InvalidFault(f"'{name}' must be a pattern such as 'dynamodb:UpdateItem' or '*', got {written[name]!r}")
    if known.point == REQUEST and ":" not in written.get("action", ""):
        raise InvalidFault(f"'action' must be given, as in a policy: 'service:Operation', got {written.get('action')!r}")
    steps = STEPS.get(effect)
    if steps is not None and written.get("step", steps[0]) not in steps:
        raise InvalidFault(f"'step' of '{effect}' must be one of {', '.join(steps)}; got {written['step']!r}")
    given = {name: written[name] for name in selectors if name in written}
    if steps is not None and "step" not in given:
        given["step"] = "*"
    return Fault(
        id=identity,
        effect=effect,
        selectors=given,
        options={name: _option(name, written.get(name, default)) for name, default in known.fields.items()},
        after=_count("after", written.get("after", 0), least=0),
        times=None if written.get("times") == ALWAYS else _count("times", written.get("times", 1), least=1),
    )


def _option(name: str, value: object) -> object:
    if name == "seconds":
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
            raise InvalidFault(f"'seconds' must be a number of at least 0, got {value!r}")
        return float(value)
    if name == "status":
        if isinstance(value, bool) or not isinstance(value, int) or not 400 <= value <= 599:
            raise InvalidFault(f"'status' must be an HTTP status from 400 to 599, got {value!r}")
        return value
    if name == "when" and value not in WHEN:
        raise InvalidFault(f"'when' must be one of {', '.join(WHEN)}; got {value!r}")
    if not isinstance(value, str) or not value:
        raise InvalidFault(f"'{name}' must be a text, got {value!r}")
    return value


def _count(name: str, value: object, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        also = f" or '{ALWAYS}'" if name == "times" else ""
        raise InvalidFault(f"'{name}' must be a whole number of at least {least}{also}, got {value!r}")
    return value
