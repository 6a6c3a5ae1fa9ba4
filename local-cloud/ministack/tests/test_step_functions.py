import pytest
from mlops_local.step_functions import error_name


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
    ],
)
def test_error_names_in_a_state_machine(prefix, code, name):
    assert error_name(prefix, code) == name
