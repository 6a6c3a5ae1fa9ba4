import { CfnOutput, Stack, Token } from 'aws-cdk-lib';
import {
  type IGrantable,
  type IOidcProvider,
  type IPrincipal,
  type IRole,
  OidcProviderNative,
  PolicyStatement,
  Role,
  WebIdentityPrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { Problems } from '../private/validation';

/** What `cdk bootstrap` calls its roles in an account, unless told otherwise. */
export const DEFAULT_QUALIFIER = 'hnb659fds';

/** The role of `cdk bootstrap` that a delivery may take. Without Docker nobody needs the one that publishes images. */
export enum BootstrapRole {
  /** Changes stacks, by way of CloudFormation's own role. */
  DEPLOY = 'deploy-role',
  /** Writes templates and bundles. */
  FILE_PUBLISHING = 'file-publishing-role',
  /** Reads what is there, for `cdk diff`. */
  LOOKUP = 'lookup-role',
}

/** Settings of a role for CI. */
export interface DeliveryRoleProps {
  /** Host and path of who signs the tokens, without `https://`, such as `token.actions.githubusercontent.com`. */
  readonly issuer: string;

  /**
   * Provider of that issuer in this account, which has one at most of each.
   *
   * @default - one is made
   */
  readonly provider?: IOidcProvider;

  /**
   * For whom a token must be made.
   *
   * @default 'sts.amazonaws.com'
   */
  readonly audience?: string;

  /** Exactly who may take the role, such as `repo:acme/models:environment:prod`. */
  readonly subjects: string[];

  /**
   * Roles of `cdk bootstrap` in this account and region that it may take.
   *
   * @default - none: grant it what it may do, such as to start one state machine
   */
  readonly bootstrapRoles?: BootstrapRole[];

  /**
   * Qualifier with which the account was bootstrapped.
   *
   * @default 'hnb659fds', which `cdk bootstrap` takes by default
   */
  readonly qualifier?: string;
}

/**
 * A role that a job of the team's own CI takes with a token that is good for minutes: no key lies anywhere. It has no
 * rights but to take the given roles of `cdk bootstrap`, and what is granted to it.
 */
export class DeliveryRole extends Construct implements IGrantable {
  /** The role itself. */
  public readonly role: IRole;

  /** Provider whose tokens it trusts. */
  public readonly provider: IOidcProvider;

  public readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: DeliveryRoleProps) {
    super(scope, id);
    const {
      issuer,
      subjects,
      audience = 'sts.amazonaws.com',
      bootstrapRoles = [],
      qualifier = DEFAULT_QUALIFIER,
    } = props;
    refuseLooseTrust(this, props, audience, qualifier);

    this.provider =
      props.provider ?? new OidcProviderNative(this, 'Provider', { url: `https://${issuer}`, clientIds: [audience] });
    const role = new Role(this, 'Resource', {
      assumedBy: new WebIdentityPrincipal(this.provider.oidcProviderArn, {
        StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: subjects },
      }),
    });
    this.role = role;
    this.grantPrincipal = role.grantPrincipal;

    if (bootstrapRoles.length > 0) {
      const { partition, account, region } = Stack.of(this);
      role.addToPolicy(
        new PolicyStatement({
          actions: ['sts:AssumeRole'],
          resources: bootstrapRoles.map(
            name => `arn:${partition}:iam::${account}:role/cdk-${qualifier}-${name}-${account}-${region}`,
          ),
        }),
      );
    }
    new CfnOutput(this, 'RoleArn', { value: this.role.roleArn });
  }
}

/** Whoever a subject lets in by mistake may change all that the platform is. */
function refuseLooseTrust(scope: Construct, props: DeliveryRoleProps, audience: string, qualifier: string): void {
  const { issuer, subjects, bootstrapRoles = [] } = props;
  const problems = new Problems(scope);
  problems.requirePattern(
    'issuer',
    issuer,
    /^[a-z0-9.-]+\.[a-z0-9-]+(\/[\w./-]*[\w-])?$/,
    "host and path without 'https://' and without a slash at the end, such as 'token.actions.githubusercontent.com'",
  );
  problems.requirePattern('audience', audience, /^[^*?\s]+$/, 'one audience without wildcards');
  problems.requirePattern('qualifier', qualifier, /^[a-z0-9]{1,10}$/, '1 to 10 lower-case letters and digits');
  problems.require(
    Token.isUnresolved(subjects) || subjects.length > 0,
    "'subjects' is empty, must name who may take the role; add one such as 'repo:acme/models:environment:prod'",
  );
  const writes = bootstrapRoles.filter(role => role !== BootstrapRole.LOOKUP);
  for (const subject of Token.isUnresolved(subjects) ? [] : subjects) {
    problems.requirePattern('subjects', subject, /^[^*?\s]+$/, 'the whole subject of a token, without wildcards');
    problems.require(
      writes.length === 0 || !subject.endsWith(':pull_request'),
      `'subjects' has '${subject}', which any pull request has, with 'bootstrapRoles' that change the account (${writes.join(', ')}); name a branch or an environment, or allow '${BootstrapRole.LOOKUP}' alone`,
    );
  }
  problems.throwIfAny();
}
