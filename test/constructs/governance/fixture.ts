import { App, Stack } from 'aws-cdk-lib';
import { DataLake, PipelineController, ReleaseController } from '../../../constructs';

/** A platform that is watched, in a stack of its own, and one for what watches it. */
export function watchedPlatform() {
  const app = new App();
  const env = { account: '111122223333', region: 'eu-west-1' };
  const stack = new Stack(app, 'Platform', { env });
  const environmentName = 'dev';
  const dataLake = new DataLake(stack, 'Lake', { environmentName });
  const { artifactBucket, encryptionKey } = dataLake;
  const { ledgerTable, notificationTopic } = new ReleaseController(stack, 'Release', {
    environmentName,
    artifactBucket,
    encryptionKey,
  });
  const { runsTable, jobStarterRole } = new PipelineController(stack, 'Pipeline', {
    environmentName,
    dataLake,
    ledgerTable,
    notificationTopic,
  });
  const governance = new Stack(app, 'Governance', { env });
  return { stack, governance, environmentName, dataLake, ledgerTable, runsTable, notificationTopic, jobStarterRole };
}
