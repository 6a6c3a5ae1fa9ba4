import { DescribeModelPackageCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { requiredEnvironment } from '../shared/environment';
import type { ApprovedPackage, PackageEvent } from './approval';
import { trigger, type TriggerPorts } from './trigger';

const environment = requiredEnvironment('ENVIRONMENT', 'RELEASE_MACHINE_ARN');
const sagemaker = new SageMakerClient();
const stepFunctions = new SFNClient();

const ports: TriggerPorts = {
  async describe(arn): Promise<ApprovedPackage> {
    const found = await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));
    const { UserProfileName: profile, IamIdentity: identity } = found.LastModifiedBy ?? {};
    return {
      lastModifiedAt: found.LastModifiedTime?.toISOString(),
      lastModifiedBy: profile ?? identity?.Arn,
      approvalDescription: found.ApprovalDescription,
    };
  },
  async start(name, input): Promise<void> {
    await stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: environment.RELEASE_MACHINE_ARN,
        name,
        input: JSON.stringify(input),
      }),
    );
  },
};

/** Starts a release for each approval in the registry; it decides nothing, the release machine does. */
export async function handler(event: PackageEvent): Promise<void> {
  const outcome = await trigger(event, environment.ENVIRONMENT, ports);
  console.log(JSON.stringify({ outcome, detail: event.detail }));
}
