import { App } from 'aws-cdk-lib';
import { FraudStack } from '../lib/fraud-stack';

const app = new App({ outdir: 'cdk.out', analyticsReporting: false });
new FraudStack(app, 'Fraud', { env: { region: 'eu-west-1' } });
app.synth();
