import {
  DescribeModelPackageCommand,
  type DescribeModelPackageCommandOutput,
  paginateListModelPackages,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { type DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { runKeys } from '../lambda/shared/run-keys';
import type { RegisteredVersion, Training } from './ports';

/** What is read of the items of the table of runs; `lambda/pipeline-control/records.ts` has all that is in them. */
interface StoredExecution {
  readonly name: string;
  readonly at: string;
  readonly requestedBy: string;
  readonly startReason: string;
  readonly outcome: string;
  readonly reason: string;
  readonly runId?: string;
}
interface StoredRun {
  readonly runId: string;
  readonly version?: string;
  readonly inputs: { readonly snapshotDigest: string };
}

/** Each start of a model's training, a refused one too, with the run that it came to. */
export async function trainingsOf(
  documents: DynamoDBDocumentClient,
  tableName: string,
  model: string,
): Promise<Training[]> {
  const [executions, runs] = await Promise.all([
    itemsOf<StoredExecution>(documents, tableName, model, runKeys.executions),
    itemsOf<StoredRun>(documents, tableName, model, runKeys.runs),
  ]);
  const byId = new Map(runs.map(run => [run.runId, run]));
  return executions.map(({ name, runId, ...execution }) => {
    const run = runId === undefined ? undefined : byId.get(runId);
    return {
      execution: name,
      at: execution.at,
      requestedBy: execution.requestedBy,
      startReason: execution.startReason,
      outcome: execution.outcome,
      reason: execution.reason,
      runId,
      version: run?.version,
      snapshotDigest: run?.inputs.snapshotDigest,
    };
  });
}

async function itemsOf<T>(
  client: DynamoDBDocumentClient,
  TableName: string,
  model: string,
  prefix: string,
): Promise<T[]> {
  const found: T[] = [];
  const asked = {
    TableName,
    KeyConditionExpression: 'pk = :model AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':model': model, ':prefix': prefix },
    ConsistentRead: true,
  };
  for await (const { Items = [] } of paginateQuery({ client }, asked)) found.push(...(Items as T[]));
  return found;
}

/** Each version of a model in the registry, the oldest first. */
export async function registeredVersions(client: SageMakerClient, groupName: string): Promise<RegisteredVersion[]> {
  const found: RegisteredVersion[] = [];
  const asked = { ModelPackageGroupName: groupName, SortBy: 'CreationTime', SortOrder: 'Ascending' } as const;
  for await (const { ModelPackageSummaryList = [] } of paginateListModelPackages({ client }, asked)) {
    for (const { ModelPackageArn: arn } of ModelPackageSummaryList) {
      // one after the other: a registry of hundreds must not be refused for haste
      found.push(registered(await client.send(new DescribeModelPackageCommand({ ModelPackageName: arn }))));
    }
  }
  return found;
}

function registered(described: DescribeModelPackageCommandOutput): RegisteredVersion {
  const { CustomerMetadataProperties: properties, LastModifiedBy: by } = described;
  return {
    version: String(described.ModelPackageVersion ?? ''),
    registeredAt: described.CreationTime?.toISOString() ?? '',
    status: described.ModelApprovalStatus ?? 'unknown',
    changedAt: described.LastModifiedTime?.toISOString(),
    changedBy: by?.IamIdentity?.Arn ?? by?.UserProfileArn,
    words: described.ApprovalDescription,
    runId: properties?.['runId'],
    snapshotDigest: properties?.['snapshotDigest'],
  };
}
