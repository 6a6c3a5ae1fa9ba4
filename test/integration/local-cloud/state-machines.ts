import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { LocalCloud } from '../../../local-cloud/start';
import { clientOf, eventually } from './stack';

/** States by name; the first is where the machine starts. */
export type States = Readonly<Record<string, object>>;

/** A task that ends its machine, in JSONata. */
export function task(integration: string, Arguments: unknown, more: object = {}): object {
  const Resource = integration.startsWith('arn:') ? integration : `arn:aws:states:::${integration}`;
  return { Type: 'Task', Resource, Arguments, End: true, ...more };
}

/** State machines of one cloud, each made for a test. */
export class StateMachines {
  public readonly client: SFNClient;
  private made = 0;

  constructor(cloud: LocalCloud) {
    this.client = new SFNClient(clientOf(cloud));
  }

  /** Makes a machine in JSONata and returns its ARN. */
  async create(roleArn: string | undefined, States: States, more: object = {}): Promise<string> {
    this.made += 1;
    const definition = { QueryLanguage: 'JSONata', StartAt: Object.keys(States)[0], States, ...more };
    const { stateMachineArn } = await this.client.send(
      new CreateStateMachineCommand({
        name: `machine-${String(this.made)}`,
        roleArn,
        definition: JSON.stringify(definition),
      }),
    );
    return stateMachineArn ?? '';
  }

  /** Starts an execution and returns its ARN. */
  async start(stateMachineArn: string, input: object = {}, name?: string): Promise<string> {
    const started = await this.client.send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
    );
    return started.executionArn ?? '';
  }

  /** The execution as it is. */
  async describe(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    return this.client.send(new DescribeExecutionCommand({ executionArn }));
  }

  /** The execution once it has ended. */
  async ended(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    return eventually(async () => {
      const execution = await this.describe(executionArn);
      return execution.status === 'RUNNING' ? undefined : execution;
    });
  }

  /** Makes a machine of one task, runs it, and returns how it ended. */
  async run(roleArn: string | undefined, state: object): Promise<DescribeExecutionCommandOutput> {
    return this.ended(await this.start(await this.create(roleArn, { Do: state })));
  }

  /** What has happened in the execution, once there is an event of this type. */
  async history(executionArn: string, until?: string): Promise<HistoryEvent[]> {
    return eventually(async () => {
      const { events } = await this.client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
      return until === undefined || events?.some(event => event.type === until) === true ? (events ?? []) : undefined;
    });
  }

  /** The types of the events of a history. */
  async course(executionArn: string, until?: string): Promise<(string | undefined)[]> {
    return (await this.history(executionArn, until)).map(event => event.type);
  }
}
