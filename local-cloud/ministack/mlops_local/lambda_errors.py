"""A Lambda function's own error name reaches its caller: Step Functions' ``ErrorEquals`` matches on it."""

import threading

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from . import hooks

# MiniStack's workers report only message and stack; Lambda's `errorType` is the error's name.
_NODE_REPORT = 'status: "error", error: String(err.message || err), trace: err.stack || ""'
_NODE_REPORT_NAMED = (
    'status: "error", error: String(err.message || err), trace: err.stack || "", '
    'errorType: err instanceof Error || (err && err.name) ? String(err.name) : typeof err'
)
_NODE_THROWN = 'status: "error", error: e.message, trace: e.stack'
_NODE_THROWN_NAMED = _NODE_THROWN + ", errorType: (e && e.name) || typeof e"
_PYTHON_REPORT = '"status": "error", "error": str(e), "trace": traceback.format_exc()'
_PYTHON_REPORT_NAMED = _PYTHON_REPORT + ', "errorType": type(e).__name__'

# One invocation is one thread from `Worker.invoke` to the body built from its answer.
_last = threading.local()


def replace_once(script: str, old: str, new: str) -> str:
    if script.count(old) != 1:
        raise hooks.HookError(f"the Lambda worker of this ministack does not report errors by {old!r}")
    return script.replace(old, new)


def install() -> None:
    """Carry the error's name from the worker to the invocation's error payload."""
    script = replace_once(lambda_runtime._NODEJS_WORKER_SCRIPT, _NODE_REPORT, _NODE_REPORT_NAMED)
    lambda_runtime._NODEJS_WORKER_SCRIPT = replace_once(script, _NODE_THROWN, _NODE_THROWN_NAMED)
    lambda_runtime._PYTHON_WORKER_SCRIPT = replace_once(
        lambda_runtime._PYTHON_WORKER_SCRIPT, _PYTHON_REPORT, _PYTHON_REPORT_NAMED
    )

    def remembering(original):
        def invoke(self, *args, **kwargs):
            response = original(self, *args, **kwargs)
            _last.response = response
            return response

        return invoke

    def naming(original):
        def execute(func, event, request_id):
            _last.response = None
            outcome = original(func, event, request_id)
            response = _last.response
            if outcome.get("error") and isinstance(outcome.get("body"), dict) and response and response.get("errorType"):
                outcome["body"]["errorType"] = response["errorType"]
                outcome["body"]["trace"] = str(response.get("trace", "")).splitlines()
            return outcome

        return execute

    hooks.wrap(lambda_runtime.Worker, "invoke", remembering)
    hooks.wrap(lambda_svc, "_execute_function_warm", naming)
