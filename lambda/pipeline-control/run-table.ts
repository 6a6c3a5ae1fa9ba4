import { GetCommand, PutCommand, TransactWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isConditionFailure } from '../shared/ledger';
import { runKeys } from '../shared/run-keys';
import type { RunChange, RunStore } from './ports';
import {
  INITIAL_STATE,
  pipelineState,
  runRecord,
  type ExecutionRecord,
  type PipelineState,
  type RunRecord,
} from './records';

/** The runs table in DynamoDB. */
export class RunTable implements RunStore {
  constructor(
    private readonly documents: DynamoDBDocumentClient,
    private readonly tableName: string,
  ) {}

  async state(model: string): Promise<PipelineState> {
    const item = await this.item(model, runKeys.state);
    return item === undefined ? INITIAL_STATE : pipelineState.parse(item);
  }

  async run(model: string, runId: string): Promise<RunRecord | undefined> {
    const item = await this.item(model, runKeys.run(runId));
    return item === undefined ? undefined : runRecord.parse(item);
  }

  async execution(model: string, name: string): Promise<ExecutionRecord | undefined> {
    return (await this.item(model, runKeys.execution(name))) as ExecutionRecord | undefined;
  }

  async recordExecution(model: string, record: ExecutionRecord): Promise<void> {
    await this.documents.send(
      new PutCommand({
        TableName: this.tableName,
        Item: { ...record, pk: model, sk: runKeys.execution(record.name) },
      }),
    );
  }

  async commit(model: string, { seen, state, run, execution }: RunChange): Promise<boolean> {
    const put = (sk: string, item: object) => ({ TableName: this.tableName, Item: { ...item, pk: model, sk } });
    try {
      await this.documents.send(
        new TransactWriteCommand({
          TransactItems: [
            {
              Put: {
                ...put(runKeys.state, state),
                // every write of a model's runs passes this one condition, so the other items need none
                ...(seen === 0
                  ? { ConditionExpression: 'attribute_not_exists(pk)' }
                  : {
                      ConditionExpression: '#generation = :seen',
                      ExpressionAttributeNames: { '#generation': 'generation' },
                      ExpressionAttributeValues: { ':seen': seen },
                    }),
              },
            },
            { Put: put(runKeys.run(run.runId), run) },
            ...(execution === undefined ? [] : [{ Put: put(runKeys.execution(execution.name), execution) }]),
          ],
        }),
      );
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  }

  private async item(model: string, sk: string): Promise<Record<string, unknown> | undefined> {
    const answer = await this.documents.send(
      new GetCommand({ TableName: this.tableName, Key: { pk: model, sk }, ConsistentRead: true }),
    );
    if (answer.Item === undefined) return undefined;
    return Object.fromEntries(Object.entries(answer.Item).filter(([name]) => name !== 'pk' && name !== 'sk'));
  }
}
