import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PlatformBoundary, type PlatformBoundaryProps } from '../../constructs';

/** Account of what names none. */
export const ACCOUNT = '111122223333';

/** What somebody wants to do. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  /** Role that asks. */
  readonly principal: string;
  /** Boundary of the role that is changed. */
  readonly boundary?: string;
  /** Account of the bucket. */
  readonly resourceAccount?: string;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** Whether a boundary lets a request through, as IAM decides it: some statement allows it, and none denies it. */
export function boundaryOf(props: PlatformBoundaryProps, account = ACCOUNT): (request: Request) => boolean {
  const stack = new Stack(new App(), 'Boundary', { env: { account, region: 'eu-west-1' } });
  new PlatformBoundary(stack, 'Boundary', props);
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
  const statements = policy?.['Properties'].PolicyDocument.Statement as Statement[];
  return request => {
    const effects = statements.filter(statement => meets(statement, request)).map(({ Effect }) => Effect);
    return effects.includes('Allow') && !effects.includes('Deny');
  };
}

function meets({ Action, Resource, Condition = {} }: Statement, request: Request): boolean {
  return (
    texts(Action).some(pattern => like(request.action, pattern)) &&
    texts(Resource).some(pattern => like(request.resource, pattern)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, valueOf(key, request), texts(values))),
    )
  );
}

function holds(operator: string, value: string | undefined, allowed: string[]): boolean {
  switch (operator) {
    case 'ArnLike':
    case 'StringEquals':
      return value !== undefined && allowed.some(pattern => like(value, pattern));
    case 'ArnNotLike':
      return value === undefined || !allowed.some(pattern => like(value, pattern));
    default:
      throw new Error(`'${operator}' of a condition is not known here`);
  }
}

function valueOf(key: string, request: Request): string | undefined {
  const values: Readonly<Record<string, string | undefined>> = {
    'aws:PrincipalArn': request.principal,
    'iam:PermissionsBoundary': request.boundary,
    's3:ResourceAccount': request.resourceAccount,
  };
  if (!(key in values)) throw new Error(`'${key}' of a condition is not known here`);
  return values[key];
}

function texts(value: unknown): string[] {
  return [value].flat().map(item => plain(item));
}

/** A text of the policy, in which nothing but the partition is left to AWS. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (Ref === 'AWS::Partition') return 'aws';
  if (join === undefined) throw new Error(`${JSON.stringify(value)} of a policy is not known here`);
  return join[1].map(plain).join(join[0]);
}

function like(text: string, pattern: string): boolean {
  const parts = pattern.split('*').map(part => part.replaceAll(/[.+^${}()|[\]\\?]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(text);
}
