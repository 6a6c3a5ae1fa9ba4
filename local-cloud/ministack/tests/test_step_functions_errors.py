import pytest
from mlops_local.step_functions.errors import error_name, matches, sdk_error_name
from ministack.services import stepfunctions


@pytest.mark.parametrize(
    ("prefix", "code", "name"),
    [
        ("SageMaker", "ResourceInUse", "SageMaker.ResourceInUseException"),
        ("SageMaker", "ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException"),
        ("SageMaker", "ConflictException", "SageMaker.ConflictException"),
        ("SageMaker", "ValidationException", "SageMaker.AmazonSageMakerException"),
        ("SageMaker", "AccessDeniedException", "SageMaker.AmazonSageMakerException"),
        ("Athena", "InvalidRequestException", "Athena.InvalidRequestException"),
        ("Athena", "AccessDeniedException", "Athena.AmazonAthenaException"),
        ("DynamoDB", "ConditionalCheckFailedException", "DynamoDB.ConditionalCheckFailedException"),
        ("DynamoDB", "AccessDeniedException", "DynamoDB.AmazonDynamoDBException"),
        ("Lambda", "AccessDeniedException", "Lambda.AWSLambdaException"),
        ("SNS", "AuthorizationError", "SNS.AuthorizationErrorException"),
        ("SQS", "AccessDenied", "SQS.AmazonSQSException"),
        ("StepFunctions", "AccessDeniedException", "StepFunctions.AWSStepFunctionsException"),
        ("StepFunctions", "ExecutionAlreadyExists", "StepFunctions.ExecutionAlreadyExistsException"),
    ],
)
def test_names_of_optimised_integrations(prefix, code, name):
    assert error_name(prefix, code) == name


@pytest.mark.parametrize(
    ("service", "code", "name"),
    [
        ("dynamodb", "AccessDeniedException", "DynamoDb.DynamoDbException"),
        ("sqs", "AccessDenied", "Sqs.SqsException"),
        ("ssm", "ParameterNotFound", "Ssm.ParameterNotFoundException"),
        ("sagemaker", "ResourceNotFound", "SageMaker.ResourceNotFoundException"),
        ("nothing-like-it", "AccessDenied", "Nothing-like-it.Nothing-like-itException"),
    ],
)
def test_names_of_sdk_integrations(service, code, name):
    stepfunctions._AWS_SDK_ERROR_PREFIX["sagemaker"] = "SageMaker"
    assert sdk_error_name(service, code) == name


@pytest.mark.parametrize(
    ("error_equals", "error", "matched"),
    [
        (["States.ALL"], "LockHeldError", True),
        (["States.TaskFailed"], "LockHeldError", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], "States.HeartbeatTimeout", True),
        (["States.ALL"], "States.Runtime", False),
        (["States.ALL"], "States.DataLimitExceeded", False),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
    ],
)
def test_what_a_retrier_is_for(error_equals, error, matched):
    assert matches(stepfunctions._error_matches, error_equals, error) is matched
