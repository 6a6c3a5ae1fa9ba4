import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ReleaseSettings } from '../release-step/release-settings';
import { EksClusters } from '../shared/eks-clusters';
import { requiredEnvironment } from '../shared/environment';
import { Ledger } from '../shared/ledger';
import { publishReleaseMetrics } from '../shared/release-metrics';
import { Settings } from '../shared/settings';
import { collect } from './collect';

const environment = requiredEnvironment('ENVIRONMENT', 'LEDGER_TABLE');
const ssm = new SSMClient();
const settings = new ReleaseSettings(new Settings(ssm, environment.ENVIRONMENT));
const ledger = new Ledger(DynamoDBDocumentClient.from(new DynamoDBClient()), environment.LEDGER_TABLE);
const clusters = new EksClusters(ssm);
const cloudWatch = new CloudWatchClient();

/** Removes what releases gave up on Kubernetes; a schedule asks for it. */
export async function handler(): Promise<void> {
  const removed = await collect({
    models: () => ledger.models(),
    state: model => ledger.state(model),
    settings: model => settings.serving(model),
    cluster: ({ cluster }) => clusters.client(cluster),
  });
  console.log(JSON.stringify({ removed }));
  // a model that cannot be cleaned up has thrown
  await publishReleaseMetrics(cloudWatch, environment.ENVIRONMENT, { CollectorHeartbeat: 1 });
}
