import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { trainingSettings } from '../../../lambda/shared/contracts';
import { flat, statementsOf, withTraining } from '../training/fixtures';

const ATTRIBUTES = {
  vpcId: 'vpc-1',
  availabilityZones: ['a', 'b'],
  privateSubnetIds: ['subnet-1', 'subnet-2'],
  isolatedSubnetIds: ['subnet-3', 'subnet-4'],
};
const imports = new Stack(new App(), 'Imports');
const vpc = Vpc.fromVpcAttributes(imports, 'Vpc', ATTRIBUTES);

describe('jobs in a network', () => {
  const { model } = withTraining({ vpc });
  const template = Template.fromStack(model);

  test('have a security group that lets nobody in, and only HTTPS out', () => {
    const groups = Object.values(template.findResources('AWS::EC2::SecurityGroup'));

    expect(groups).toMatchObject([{ Properties: { VpcId: 'vpc-1' } }]);
    const [{ Properties: group }] = groups as { Properties: Record<string, unknown> }[];
    expect(group['SecurityGroupIngress']).toBeUndefined();
    expect(group['SecurityGroupEgress']).toEqual([
      { CidrIp: '0.0.0.0/0', Description: 'AWS', FromPort: 443, IpProtocol: 'tcp', ToPort: 443 },
    ]);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('have a role by which SageMaker puts interfaces into these subnets alone', () => {
    const statements = statementsOf(model, 'TrainingNetworkPolicy');

    expect(statements).toHaveLength(4);
    expect(JSON.stringify(statements[1]?.Resource)).toMatch(
      /:subnet\/subnet-1".*:subnet\/subnet-2".*:security-group\//,
    );
    expect(JSON.stringify(statements[2]?.Condition)).toMatch(/"ec2:Subnet":\[".*:subnet\/subnet-1",".*subnet-2"\]/);
    // the looks know no resource
    expect(statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action)).toEqual(
      Array.from({ length: 5 }, () => expect.stringMatching(/^ec2:Describe/) as string),
    );
  });

  test('are not trained before that role may do so', () => {
    const [parameter] = Object.values(template.findResources('AWS::SSM::Parameter')) as { DependsOn: string[] }[];

    expect(parameter?.DependsOn).toContainEqual(expect.stringMatching(/^TrainingNetworkPolicy/));
  });

  test('are told of it, and where they are', () => {
    const [parameter] = Object.values(template.findResources('AWS::SSM::Parameter')) as {
      Properties: { Value: unknown };
    }[];
    const settings = trainingSettings.parse(JSON.parse(String(flat(parameter?.Properties.Value))));

    expect(settings).toMatchObject({ networkIsolation: true, vpc: { subnetIds: ['subnet-1', 'subnet-2'] } });
  });
});

test('instances of one job reach each other, and nobody else', () => {
  const template = Template.fromStack(withTraining({ vpc, instanceCount: 2 }).model);

  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('TrainingNetworkSecurityGroup'), 'GroupId'] },
  });
});

test('subnets and security groups are whoever’s says so', () => {
  const group = SecurityGroup.fromSecurityGroupId(imports, 'Group', 'sg-1');
  const { model } = withTraining({
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    securityGroups: [group],
  });
  const template = Template.fromStack(model);

  template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
  expect(JSON.stringify(template.toJSON())).toContain(
    '\\"vpc\\":{\\"subnetIds\\":[\\"subnet-3\\",\\"subnet-4\\"],\\"securityGroupIds\\":[\\"sg-1\\"]}',
  );
});

test('without a network there is no interface to make, and jobs reach nothing all the same', () => {
  const { model } = withTraining();

  expect(statementsOf(model, 'TrainingNetwork')).toEqual([]);
  expect(JSON.stringify(Template.fromStack(model).toJSON())).toContain('\\"networkIsolation\\":true');
});

describe('fails', () => {
  test('on subnets of no network', () => {
    expect(() => withTraining({ vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } })).toThrow(
      "Model/Training: 'vpcSubnets' is given without 'vpc', give the network that they are of or leave 'vpcSubnets' out",
    );
  });

  test('on no security group', () => {
    expect(() => withTraining({ vpc, securityGroups: [] })).toThrow(
      "'securityGroups' are 0, must be from 1 to 5; leave them out for one of its own",
    );
  });
});
