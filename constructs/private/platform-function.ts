import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { Effect, type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { functionCode } from './function-code';
import { explainWildcards } from './wildcards';

const DEFAULT_TIMEOUT = Duration.seconds(60);
const DEFAULT_MEMORY_MB = 256;

/** What Lambda does by the function's role to have it in a network. */
const INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** A network in which a function is. */
export interface FunctionNetwork {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly securityGroup: ISecurityGroup;
}

/** Settings of one of the platform's own functions. */
export interface PlatformFunctionProps {
  /** Folder under `lambda/`. */
  readonly handler: string;
  readonly description: string;
  readonly environment: Record<string, string>;
  /** @default Duration.seconds(60) */
  readonly timeout?: Duration;
  /** @default 256 */
  readonly memorySize?: number;
  /** @default - none: it reaches AWS's public endpoints */
  readonly network?: FunctionNetwork;
  /**
   * Name of the role, for policies of other accounts; two stacks of one account cannot have the same.
   *
   * @default - CloudFormation's
   */
  readonly roleName?: string;
  /** Asynchronous retries and dead letters are for the caller to add with `configureAsyncInvoke`. */
}

/** One of the platform's Lambda functions: pre-bundled, pinned runtime, own log group and role, traced. */
export class PlatformFunction extends LambdaFunction {
  /** Role that it runs as. */
  public readonly executionRole: IRole;

  constructor(scope: Construct, id: string, props: PlatformFunctionProps) {
    // an own log group instead of `logRetention`, whose custom resource some organisations' SCPs deny
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // an own role instead of the default one, whose managed policy allows every log group
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      roleName: props.roleName,
    });
    logGroup.grants.write(role);
    explainWildcards(
      role,
      {
        wildcard: '*',
        actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        reason: 'X-Ray has no resources to name',
      },
      ...['kms:GenerateDataKey*', 'kms:ReEncrypt*'].map(wildcard => ({
        wildcard,
        reason: 'the forms of one KMS operation, on keys that are named',
      })),
    );
    const { network } = props;
    if (network !== undefined) {
      role.addToPolicy(new PolicyStatement({ actions: INTERFACE_ACTIONS, resources: ['*'] }));
      role.addToPolicy(notByCode(INTERFACE_ACTIONS));
      explainWildcards(role, {
        wildcard: '*',
        actions: INTERFACE_ACTIONS,
        reason: 'Lambda makes and removes the interfaces, which have no names before',
      });
    }
    super(scope, id, {
      code: functionCode(props.handler),
      handler: 'index.handler',
      // pinned: NODEJS_LATEST moves under the snapshots of whoever imports us
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      description: props.description,
      environment: props.environment,
      timeout: props.timeout ?? DEFAULT_TIMEOUT,
      memorySize: props.memorySize ?? DEFAULT_MEMORY_MB,
      tracing: Tracing.ACTIVE,
      role,
      logGroup,
      ...(network === undefined
        ? {}
        : { vpc: network.vpc, vpcSubnets: network.vpcSubnets, securityGroups: [network.securityGroup] }),
    });
    this.executionRole = role;
  }
}

/**
 * Keeps what Lambda does by a function's role from the function's code: only a request of the code names its function
 * ({@link https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html}).
 */
function notByCode(actions: string[]): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    actions,
    resources: ['*'],
    conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
  });
}
