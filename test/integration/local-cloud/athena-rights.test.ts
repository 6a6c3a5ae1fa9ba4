import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecutionStatus,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, eventually, role } from './stack';

let cloud: LocalCloud;
let outputs: Record<string, string>;

const glue = (name: string): string => `arn:aws:glue:us-east-1:000000000000:${name}`;
const STARTS = {
  Effect: 'Allow',
  Action: ['athena:StartQueryExecution', 'athena:GetQueryExecution', 'athena:GetQueryResults'],
  Resource: '*',
};
const CATALOGUE = {
  Effect: 'Allow',
  Action: ['athena:GetDataCatalog', 'glue:GetDatabase', 'glue:GetTable'],
  Resource: ['arn:aws:athena:us-east-1:000000000000:datacatalog/AwsDataCatalog', glue('*')],
};
const RESULTS = {
  Effect: 'Allow',
  Action: ['s3:GetBucketLocation', 's3:ListBucket', 's3:PutObject'],
  Resource: ['arn:aws:s3:::rights-lake', 'arn:aws:s3:::rights-lake/results/*'],
};
const DATA = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::rights-lake/labels/*' };

beforeAll(async () => {
  cloud = await startLocalCloud();
  outputs = await deploy(
    cloud,
    'athena-rights',
    {
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'rights-lake' } },
      Database: {
        Type: 'AWS::Glue::Database',
        Properties: { CatalogId: cloud.accountId, DatabaseInput: { Name: 'rights' } },
      },
      Labels: {
        Type: 'AWS::Glue::Table',
        DependsOn: 'Database',
        Properties: {
          CatalogId: cloud.accountId,
          DatabaseName: 'rights',
          TableInput: {
            Name: 'labels',
            TableType: 'EXTERNAL_TABLE',
            StorageDescriptor: {
              Columns: [{ Name: 'label', Type: 'int' }],
              Location: 's3://rights-lake/labels/',
              SerdeInfo: { SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' },
            },
          },
        },
      },
      Everything: role('lambda.amazonaws.com', [STARTS, CATALOGUE, RESULTS, DATA]),
      NoData: role('lambda.amazonaws.com', [STARTS, CATALOGUE, RESULTS]),
      NoCatalogue: role('lambda.amazonaws.com', [STARTS, RESULTS, DATA]),
    },
    Object.fromEntries(['Everything', 'NoData', 'NoCatalogue'].map(name => [name, { 'Fn::GetAtt': [name, 'Arn'] }])),
  );
  const s3 = new S3Client(clientOf(cloud));
  await s3.send(new PutObjectCommand({ Bucket: 'rights-lake', Key: 'labels/a.json', Body: '{"label":1}\n' }));
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

async function startAs(RoleArn: string | undefined): Promise<{ client: AthenaClient; id: string | undefined }> {
  const sts = new STSClient(clientOf(cloud));
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test' }));
  const client = new AthenaClient({
    ...clientOf(cloud),
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    },
  });
  const { QueryExecutionId: id } = await client.send(
    new StartQueryExecutionCommand({
      QueryString: 'SELECT COUNT(*) AS n FROM labels',
      QueryExecutionContext: { Database: 'rights' },
      ResultConfiguration: { OutputLocation: 's3://rights-lake/results/' },
    }),
  );
  return { client, id };
}

async function settled(client: AthenaClient, QueryExecutionId: string | undefined): Promise<QueryExecutionStatus> {
  return eventually(async () => {
    const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    const status = QueryExecution?.Status;
    return status?.State === 'QUEUED' || status?.State === 'RUNNING' ? undefined : status;
  });
}

async function queryAs(roleArn: string | undefined): Promise<QueryExecutionStatus> {
  const { client, id } = await startAs(roleArn);
  return settled(client, id);
}

test('a query runs with the rights of whoever starts it', async () => {
  expect(await queryAs(outputs.Everything)).toMatchObject({ State: 'SUCCEEDED' });
});

test('results are read with the rights of whoever reads them', async () => {
  // GIVEN a query that has ended, and a role that may ask for results but not read where they lie
  const { client: starter, id: QueryExecutionId } = await startAs(outputs.Everything);
  await settled(starter, QueryExecutionId);
  const { client } = await startAs(outputs.NoData);

  // THEN
  const results = new GetQueryResultsCommand({ QueryExecutionId });
  await expect(client.send(results)).rejects.toThrow(/s3:GetObject on resource: "?arn:aws:s3:::rights-lake\/results\//);
  const root = new AthenaClient(clientOf(cloud));
  expect((await root.send(results)).ResultSet?.Rows?.[1]?.Data).toEqual([{ VarCharValue: '1' }]);
});

test('a query fails where its caller may not read the data', async () => {
  const status = await queryAs(outputs.NoData);
  expect(status.State).toBe('FAILED');
  expect(status.StateChangeReason).toMatch(
    /^Insufficient permissions .*s3:GetObject on resource: "?arn:aws:s3:::rights-lake\/labels\/a.json/,
  );
});

test('a query fails where its caller may not read the catalogue', async () => {
  const status = await queryAs(outputs.NoCatalogue);
  expect(status.State).toBe('FAILED');
  expect(status.StateChangeReason).toMatch(/^Insufficient permissions .*athena:GetDataCatalog/);
});
