import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { hasLocalDisks } from '../../../constructs/private/instance-disks';
import { ModelRegistry } from '../../../constructs/registry/model-registry';
import { ReleaseController } from '../../../constructs/release/release-controller';
import { ModelService } from '../../../constructs/serving/model-service';
import type { ModelServiceProps } from '../../../constructs/serving/model-service-props';
import { servingSettings } from '../../../lambda/shared/contracts';

const ACCOUNT = '000000000000';
const REGION = 'eu-west-1';
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/k`;
const PRIVATE = ['subnet-a', 'subnet-b'];

function world(given: (stack: Stack) => Partial<ModelServiceProps>) {
  return Template.fromStack(stackWith(given));
}

function stackWith(given: (stack: Stack) => Partial<ModelServiceProps>): Stack {
  const stack = new Stack(new App(), 'Team', { env: { account: ACCOUNT, region: REGION } });
  new ModelService(stack, 'Service', {
    environmentName: 'team',
    modelName: 'fraud',
    registry: new ModelRegistry(stack, 'Registry', { environmentName: 'team', modelName: 'fraud' }),
    artifactBucket: Bucket.fromBucketName(stack, 'Artifacts', 'artifacts'),
    instanceType: 'ml.m5.large',
    ...given(stack),
  });
  return stack;
}

function vpc(stack: Stack) {
  return Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    privateSubnetIds: PRIVATE,
    isolatedSubnetIds: ['subnet-c', 'subnet-d'],
  });
}

/** What the template tells the release function, with references as their names. */
function settings(template: Template) {
  const [parameter] = Object.values(
    template.findResources('AWS::SSM::Parameter', { Properties: { Name: '/mlops/team/fraud/serving' } }),
  ) as { Properties: { Value: { 'Fn::Join': [string, (string | object)[]] } } }[];
  const parts = parameter?.Properties.Value['Fn::Join'][1] ?? [];
  const text = parts.map(part => (typeof part === 'string' ? part : Object.values(part).flat().join('.'))).join('');
  return servingSettings.parse(JSON.parse(text));
}

describe('an endpoint in a network', () => {
  test('has its containers in the private subnets, behind a security group that lets nothing in', () => {
    const template = world(stack => ({ vpc: vpc(stack) }));

    const { securityGroupIds = [], subnetIds } = settings(template).vpc ?? {};
    expect(subnetIds).toEqual(PRIVATE);
    expect(securityGroupIds).toEqual([expect.stringMatching(/^ServiceNetworkSecurityGroup.*GroupId$/)]);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: [Match.objectLike({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })],
    });
  });

  test('takes the subnets and the security groups that are given', () => {
    const template = world(stack => ({
      vpc: vpc(stack),
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
    }));

    expect(settings(template).vpc).toEqual({ subnetIds: ['subnet-c', 'subnet-d'], securityGroupIds: ['sg-1'] });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
  });

  test('lets SageMaker make interfaces in those subnets and groups alone', () => {
    const arn = (resource: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:ec2:${REGION}:${ACCOUNT}:${resource}`]],
    });
    world(stack => ({
      vpc: vpc(stack),
      securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
    })).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: 'ec2:CreateNetworkInterface',
            Effect: 'Allow',
            Resource: [...PRIVATE.map(id => `subnet/${id}`), 'security-group/sg-1', 'network-interface/*'].map(arn),
          },
          {
            Action: ['ec2:CreateNetworkInterfacePermission', 'ec2:DeleteNetworkInterface'],
            Effect: 'Allow',
            Resource: arn('network-interface/*'),
            Condition: { ArnEquals: { 'ec2:Subnet': PRIVATE.map(id => arn(`subnet/${id}`)) } },
          },
        ]),
      },
    });
  });

  test('leaves cdk-nag nothing to find, nor does a key', () => {
    const stack = stackWith(given => ({ vpc: vpc(given), encryptionKey: Key.fromKeyArn(given, 'Key', KEY) }));
    // what wildcards mean is said while the template is made
    Template.fromStack(stack);

    expect(new AwsSolutionsChecks(stack).validateScope(stack).violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });

  test('keeps its network until its containers are gone', () => {
    world(stack => ({ vpc: vpc(stack) })).hasResource('Custom::ServingCleanup', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^ServiceNetworkSecurityGroup')]),
    });
  });
});

describe('an endpoint under a key', () => {
  test('tells the release function of it, which may use it', () => {
    const template = world(stack => ({ encryptionKey: Key.fromKeyArn(stack, 'Key', KEY) }));

    expect(settings(template).kmsKeyArn).toBe(KEY);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:CreateGrant', Resource: KEY })]) },
    });
  });

  test('takes a controller that has it, made or imported', () => {
    expect(() =>
      world(stack => {
        const encryptionKey = Key.fromKeyArn(stack, 'Key', KEY);
        const made = new ReleaseController(stack, 'Releases', {
          environmentName: 'team',
          artifactBucket: Bucket.fromBucketName(stack, 'Own', 'own'),
          endpointKeys: [encryptionKey],
        });
        const releaseController = ReleaseController.fromReleaseControllerAttributes(stack, 'Imported', made);
        return { encryptionKey, releaseController };
      }),
    ).not.toThrow();
  });

  test.each(['ml.m5d.large', 'ml.g4dn.xlarge', 'ml.g5.xlarge', 'ml.c6gd.large', 'ml.p4de.24xlarge', 'ml.trn1.2xlarge'])(
    'knows that %s has disks of its own',
    type => expect(hasLocalDisks(type)).toBe(true),
  );

  test.each(['ml.m5.large', 'ml.t2.medium', 'ml.c6g.large', 'ml.inf2.xlarge', 'ml.p3.2xlarge', 'ml.m5.12xlarge'])(
    'knows that %s has none',
    type => expect(hasLocalDisks(type)).toBe(false),
  );
});

describe('without network and key', () => {
  test('the settings are as they were', () => {
    const plain = settings(world(() => ({})));
    expect(plain).not.toHaveProperty('vpc');
    expect(plain).not.toHaveProperty('kmsKeyArn');
  });
});

describe('fails', () => {
  test('with subnets or security groups of no network', () => {
    expect(() => world(() => ({ vpcSubnets: {}, securityGroups: [] }))).toThrow(
      /'vpcSubnets' is given without 'vpc'.*'securityGroups' is given without 'vpc'.*'securityGroups' are 0, must be from 1 to 5/,
    );
  });

  test('with a network without subnets of the kind', () => {
    expect(() =>
      world(stack => ({ vpc: Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: [] }) })),
    ).toThrow(/subnet/i);
  });

  test('with a key for instances that have disks of their own', () => {
    expect(() =>
      world(stack => ({ encryptionKey: Key.fromKeyArn(stack, 'Key', KEY), instanceType: 'ml.g5.xlarge' })),
    ).toThrow("Team/Service: 'encryptionKey' is given with 'instanceType' 'ml.g5.xlarge', must be left out with types");
  });

  test('with a key that the controller may not use', () => {
    expect(() =>
      world(stack => ({
        encryptionKey: Key.fromKeyArn(stack, 'Key', KEY),
        releaseController: new ReleaseController(stack, 'Releases', {
          environmentName: 'team',
          artifactBucket: Bucket.fromBucketName(stack, 'Own', 'own'),
          endpointKeys: [Key.fromKeyArn(stack, 'Other', `${KEY}2`)],
        }),
      })),
    ).toThrow("'encryptionKey' is none of the keys of the 'releaseController', must be one under which it may start");
  });
});
