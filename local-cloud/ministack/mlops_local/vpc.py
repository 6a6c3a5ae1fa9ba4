"""What MiniStack's VPC does not tell a template."""

from ministack.services.cloudformation import provisioners


def install() -> None:
    """Let `Fn::GetAtt` of a VPC have its address range, which a template of the CDK asks for."""
    kind = provisioners._RESOURCE_HANDLERS["AWS::EC2::VPC"]
    original = kind["create"]

    def create(logical_id: str, props: dict, stack_name: str):
        physical_id, attributes = original(logical_id, props, stack_name)
        return physical_id, {**attributes, "CidrBlock": props.get("CidrBlock", "")}

    provisioners._RESOURCE_HANDLERS["AWS::EC2::VPC"] = {**kind, "create": create}
