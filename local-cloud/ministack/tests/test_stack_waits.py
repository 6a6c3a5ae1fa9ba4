import pytest
from mlops_local.stack_waits import stack_of


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"Action=ExecuteChangeSet&ChangeSetName=c&StackName=Small", "Small"),
        (b"Action=DeleteStack&StackName=arn%3Aaws%3Acloudformation%3Aus-east-1%3A000000000000%3Astack%2FSmall%2Fid", "Small"),
        (b"Action=DescribeStacks&StackName=Small", None),
        (b"Action=CreateStack", None),
        (b"\xff", None),
    ],
)
def test_the_stack_that_is_waited_for(body, name):
    assert stack_of(body) == name
