import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { createPlatform } from '../../../lib/platform';
import { PipelineStack } from '../lib/pipeline-stack';

const ROOT = join(__dirname, '..', '..', '..');

const app = new App();

/** What must be said once: it is the same for whoever deploys, so it belongs to `cdk.json` or behind `-c`. */
function told(key: string, such: string): string {
  const value: unknown = app.node.tryGetContext(key);
  if (typeof value !== 'string' || value === '') {
    throw new Error(`context '${key}' is '${String(value)}', must be such as '${such}': give it by '-c ${key}=…'`);
  }
  return value;
}

const account = process.env.CDK_DEFAULT_ACCOUNT;
new PipelineStack(app, 'Pipeline', {
  env: { account, region: told('region', 'eu-west-1') },
  repository: told('repository', 'acme/models'),
  branch: 'main',
  connectionArn: told('connection', 'arn:aws:codeconnections:eu-west-1:111111111111:connection/…'),
  stages: createPlatform(app, {
    root: ROOT,
    environmentNames: ['dev', 'staging', 'prod'],
    defaultAccount: account,
  }),
  approved: ['prod'],
});
app.synth();
