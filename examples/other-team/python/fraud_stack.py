"""The same stack as ``lib/fraud-stack.ts``."""

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk.aws_ec2 import (
    GatewayVpcEndpointAwsService,
    GatewayVpcEndpointOptions,
    SubnetConfiguration,
    SubnetType,
    Vpc,
)
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_kms import Key
from aws_cdk.aws_s3 import BlockPublicAccess, Bucket
from constructs import Construct
from mlops_blueprint import ModelRegistry, ModelService, ReleaseController, ShiftPolicy


class FraudStack(Stack):
    """Serves the fraud model of a team that trains by its own means."""

    def __init__(self, scope: Construct, construct_id: str, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)

        # what the team has already: a key, a bucket for artifacts, a network without a way to the internet
        key = Key(self, "Key", enable_key_rotation=True)
        artifact_bucket = Bucket(
            self,
            "Artifacts",
            encryption_key=key,
            block_public_access=BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
        )
        vpc = Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[SubnetConfiguration(name="models", subnet_type=SubnetType.PRIVATE_ISOLATED)],
            gateway_endpoints={"s3": GatewayVpcEndpointOptions(service=GatewayVpcEndpointAwsService.S3)},
        )
        model_server = Repository.from_repository_name(self, "ModelServer", "fraud/model-server")

        # a person approves a version here ...
        registry = ModelRegistry(self, "Registry", environment_name="prod", model_name="fraud")
        # ... which starts its release ...
        release_controller = ReleaseController(
            self,
            "Releases",
            environment_name="prod",
            artifact_bucket=artifact_bucket,
            encryption_key=key,
            endpoint_keys=[key],
            email_addresses=["fraud-team@example.com"],
        )
        # ... to this endpoint, half of the capacity first
        service = ModelService(
            self,
            "Service",
            environment_name="prod",
            model_name="fraud",
            registry=registry,
            release_controller=release_controller,
            artifact_bucket=artifact_bucket,
            instance_type="ml.m5.large",
            instance_count=2,
            image_repositories=[model_server],
            shift=ShiftPolicy.canary(percent=50),
            vpc=vpc,
            encryption_key=key,
        )

        CfnOutput(self, "EndpointName", value=service.endpoint_name)
