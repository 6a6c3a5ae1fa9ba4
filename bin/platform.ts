#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { ConfigError } from '../lib/config/config-error';
import { createPlatform } from '../lib/platform';

const app = new App();
// an empty variable is how a shell says that it is not set
const fromShell = process.env.MLOPS_ENVIRONMENT === '' ? undefined : process.env.MLOPS_ENVIRONMENT;
// `-c environment=local` leaves the others out of the synth; `cdk deploy 'local/*'` chooses among those that are in
const chosen = (app.node.tryGetContext('environment') as string | undefined) ?? fromShell;
try {
  createPlatform(app, {
    // the CDK CLI runs an app where its `cdk.json` is; `-c root=FOLDER` takes `environments/` and the models that it names from elsewhere, e.g. a team's own repository
    root: (app.node.tryGetContext('root') as string | undefined) ?? process.cwd(),
    environmentNames: chosen?.split(','),
    defaultAccount: process.env.CDK_DEFAULT_ACCOUNT,
    // the CDK's own validation is off by the same word
    validate: process.env.CDK_VALIDATION !== 'false',
  });
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
