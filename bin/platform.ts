#!/usr/bin/env node
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { createPlatform } from '../lib/platform';

const app = new App();
// `-c environment=local` leaves the others out of the synth; `cdk deploy 'local/*'` chooses among those that are in
const chosen = (app.node.tryGetContext('environment') as string | undefined) ?? process.env.MLOPS_ENVIRONMENT;
createPlatform(app, {
  root: join(__dirname, '..'),
  environmentNames: chosen?.split(','),
  defaultAccount: process.env.CDK_DEFAULT_ACCOUNT,
  defaultRegion: process.env.CDK_DEFAULT_REGION,
});
app.synth();
