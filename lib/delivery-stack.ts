import { Stack, type StackProps } from 'aws-cdk-lib';
import { OidcProviderNative } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { BootstrapRole, DeliveryRole } from '../constructs';
import type { EnvironmentFile } from './config/environment-schema';

/** Settings of the stack. */
export interface DeliveryStackProps extends StackProps {
  readonly file: NonNullable<EnvironmentFile['delivery']>;
}

/** What CI delivers an environment with. A person deploys it once, since before it CI may do nothing. */
export class DeliveryStack extends Stack {
  constructor(scope: Construct, id: string, props: DeliveryStackProps) {
    super(scope, id, props);
    const { issuer, audience, qualifier, subjects, reviewSubjects, providerArn } = props.file;
    const trust = { issuer, audience, qualifier };
    const imported =
      providerArn === undefined ? undefined : OidcProviderNative.fromOidcProviderArn(this, 'Provider', providerArn);

    const deploy = new DeliveryRole(this, 'Deploy', {
      ...trust,
      provider: imported,
      subjects,
      bootstrapRoles: [BootstrapRole.DEPLOY, BootstrapRole.FILE_PUBLISHING, BootstrapRole.LOOKUP],
    });
    if (reviewSubjects !== undefined) {
      new DeliveryRole(this, 'Review', {
        ...trust,
        provider: deploy.provider,
        subjects: reviewSubjects,
        bootstrapRoles: [BootstrapRole.LOOKUP],
      });
    }
  }
}
