import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { FraudStack } from '../lib/fraud-stack';
import { reviewable } from './reviewable';

const app = new App({ analyticsReporting: false });
const template = Template.fromStack(new FraudStack(app, 'Fraud', { env: { region: 'eu-west-1' } }));

test('the stack is as reviewed', () => {
  // after a change that is meant, `npx jest -u`; then read the difference: a snapshot approves whatever it is given
  expect(reviewable(template.toJSON())).toMatchSnapshot();
});

// what a snapshot alone would not hold: somebody updates it and overlooks a line

test('what the team keeps is under its own key', () => {
  const [key] = Object.keys(template.findResources('AWS::KMS::Key'));
  const KMSMasterKeyID = { 'Fn::GetAtt': [key, 'Arn'] };
  template.allResourcesProperties('AWS::S3::Bucket', {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID } },
      ],
    },
  });
});

test('the containers are in its network, where nothing reaches them', () => {
  template.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
  template.resourceCountIs('AWS::EC2::InternetGateway', 0);
});

test('no version stands in the template: a deploy never undoes a rollback', () => {
  for (const type of ['Model', 'EndpointConfig', 'Endpoint']) template.resourceCountIs(`AWS::SageMaker::${type}`, 0);
});

test('what cannot be made again is kept', () => {
  for (const type of ['AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::DynamoDB::GlobalTable']) {
    template.allResources(type, { DeletionPolicy: 'Retain' });
  }
});
