import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { OidcProviderNative } from 'aws-cdk-lib/aws-iam';
import * as fc from 'fast-check';
import { BootstrapRole, DeliveryRole, type DeliveryRoleProps } from '../../../constructs';

const issuer = 'token.actions.githubusercontent.com';
const PROD = 'repo:acme/models:environment:prod';

function stackWith(props: Partial<DeliveryRoleProps> = {}): Stack {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  new DeliveryRole(stack, 'Role', { issuer, subjects: [PROD], ...props });
  return stack;
}

test('trusts exactly the given subjects, with tokens for AWS alone', () => {
  const template = Template.fromStack(stackWith());
  template.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: { StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: [PROD] } },
        },
      ],
    },
  });
  template.hasResourceProperties('AWS::IAM::OIDCProvider', {
    Url: `https://${issuer}`,
    ClientIdList: ['sts.amazonaws.com'],
  });
});

test('may do nothing but take the given roles of the bootstrap', () => {
  const template = Template.fromStack(
    stackWith({ bootstrapRoles: [BootstrapRole.DEPLOY, BootstrapRole.FILE_PUBLISHING], qualifier: 'acme' }),
  );
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  expect(policies).toHaveLength(1);
  const { Statement } = policies[0]?.['Properties'].PolicyDocument as {
    Statement: { Action: string; Resource: unknown }[];
  };
  expect(Statement.map(({ Action }) => Action)).toEqual(['sts:AssumeRole']);
  const resources = JSON.stringify(Statement[0]?.Resource);
  expect(resources).toContain('role/cdk-acme-deploy-role-111111111111-eu-west-1');
  expect(resources).toContain('role/cdk-acme-file-publishing-role-111111111111-eu-west-1');
  expect(resources).not.toContain('lookup');
});

test('has no rights unless given some', () => {
  Template.fromStack(stackWith()).resourceCountIs('AWS::IAM::Policy', 0);
});

test('takes the provider that the account has', () => {
  const stack = new Stack(new App(), 'Stack');
  const provider = OidcProviderNative.fromOidcProviderArn(
    stack,
    'Provider',
    `arn:aws:iam::111111111111:oidc-provider/${issuer}`,
  );
  new DeliveryRole(stack, 'Role', { issuer, provider, subjects: [PROD] });
  Template.fromStack(stack).resourceCountIs('AWS::IAM::OIDCProvider', 0);
});

test('fails on a wildcard, wherever it stands in a subject', () => {
  fc.assert(
    fc.property(fc.nat(PROD.length), fc.constantFrom('*', '?'), (at, wildcard) => {
      const subject = PROD.slice(0, at) + wildcard + PROD.slice(at);
      expect(() => stackWith({ subjects: [PROD, subject] })).toThrow(
        `'subjects' is '${subject}', must be the whole subject`,
      );
    }),
    { numRuns: 30 },
  );
});

test('fails on pull requests that could deploy, and lets them look', () => {
  const subjects = ['repo:acme/models:pull_request'];
  expect(() => stackWith({ subjects, bootstrapRoles: [BootstrapRole.DEPLOY] })).toThrow("allow 'lookup-role' alone");
  expect(() => stackWith({ subjects, bootstrapRoles: [BootstrapRole.LOOKUP] })).not.toThrow();
});

test.each([
  [{ subjects: [] }, "Stack/Role: 'subjects' is empty"],
  [{ issuer: 'https://gitlab.com' }, "'issuer' is 'https://gitlab.com', must be host and path"],
  [{ audience: '*' }, "'audience' is '*', must be one audience"],
  [{ qualifier: 'TOO-LONG-FOR-IT' }, "'qualifier' is 'TOO-LONG-FOR-IT', must be 1 to 10"],
])('fails on %j', (props, message) => {
  expect(() => stackWith(props)).toThrow(message);
});
