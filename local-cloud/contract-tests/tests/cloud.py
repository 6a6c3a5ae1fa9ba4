"""The whole local cloud as a process, and boto3's way of calling it."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore import xform_name
from botocore.config import Config

CONTRACT = Path(__file__).resolve().parents[1]
ROOT = CONTRACT.parents[1]
WAITER = {"Delay": 1, "MaxAttempts": 60}
TRUST = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
RIGHTS = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def load(name: str) -> Any:
    """A file of cases."""
    return yaml.safe_load((CONTRACT / "cases" / f"{name}.yaml").read_text())


class Caller:
    """Calls of the contract by boto3."""

    def __init__(self, environment: dict[str, str]) -> None:
        session = boto3.Session("test", "test", region_name=environment["AWS_REGION"])
        # what a request breaks is the server's to say, not the client's
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        endpoint = environment["AWS_ENDPOINT_URL"]
        self.sagemaker = session.client("sagemaker", endpoint_url=endpoint, config=config)
        self._runtime = session.client("sagemaker-runtime", endpoint_url=endpoint, config=config)
        self._iam = session.client("iam", endpoint_url=endpoint)
        path_style = Config(s3={"addressing_style": "path"})
        self._s3 = session.client("s3", endpoint_url=endpoint, config=path_style)

    def prepare(self) -> None:
        """Makes what the cases take for granted: a bucket with a file, and a role."""
        self._s3.create_bucket(Bucket="contract")
        self._s3.put_object(Bucket="contract", Key="data/holdout.csv", Body=b"a\n1\n")
        self._iam.create_role(RoleName="contract", AssumeRolePolicyDocument=_policy(TRUST))
        self._iam.put_role_policy(RoleName="contract", PolicyName="rights", PolicyDocument=_policy(RIGHTS))

    def call(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        if operation == "InvokeEndpoint":
            answer = self._runtime.invoke_endpoint(**given)
            return {**answer, "Body": answer["Body"].read().decode()}
        return getattr(self.sagemaker, xform_name(operation))(**given)

    def step(self, step: dict[str, Any]) -> dict[str, Any]:
        """Carries a step out; gives back the last answer."""
        answer: dict[str, Any] = {}
        for count in range(1, step.get("repeat", 1) + 1):
            given = json.loads(json.dumps(step["input"]).replace("{n}", str(count)))
            if "waiter" in step:
                self.sagemaker.get_waiter(step["waiter"]).wait(**given, WaiterConfig=WAITER)
            else:
                answer = self.call(step["operation"], given)
        return answer

    def pages(self, paged: dict[str, Any]) -> list[list[Any]]:
        """Names in each page of a list."""
        paginator = self.sagemaker.get_paginator(xform_name(paged["operation"]))
        pages = paginator.paginate(**paged["input"], PaginationConfig={"PageSize": paged.get("pageSize", 2)})
        return [[item[paged["name"]] for item in page[paged["result"]]] for page in pages]


@contextmanager
def local_cloud() -> Iterator[dict[str, str]]:
    """A local cloud on a free port; gives what it exports. It ends with its standard input, so never outlives this."""
    process = subprocess.Popen(
        ["node", "--import", "tsx", "local-cloud/cli.ts"],
        cwd=ROOT,
        env={**os.environ, "MLOPS_LOCAL_IMAGES": str(CONTRACT / "images.json")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _exports(process)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _exports(process: "subprocess.Popen[str]") -> dict[str, str]:
    """Reads the exports, all of which stand before the line on the error output that says that it is ready."""
    assert process.stdout is not None and process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("ready"):
            break
    else:
        raise RuntimeError(f"the local cloud did not start: {''.join(said)}")
    exported = {}
    for line in process.stdout:
        match = re.match(r"export (\w+)=(.*)$", line)
        assert match is not None, line
        exported[match[1]] = match[2]
        if "CDK_DISABLE_CLI_TELEMETRY" in exported:
            break
    return exported


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
