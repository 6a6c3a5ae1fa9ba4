import { App, Stack } from 'aws-cdk-lib';
import { AttributeType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import {
  ColumnType,
  DataLake,
  InferenceLog,
  ModelMonitor,
  type ModelMonitorProps,
  type ModelSchema,
  MonitorController,
  ReactionController,
  RollbackReaction,
  type RollbackReactionProps,
} from '../../../constructs';

export const SCHEMA: ModelSchema = {
  features: [
    { name: 'temp', type: ColumnType.DOUBLE },
    { name: 'station', type: ColumnType.STRING, values: ['a', 'b'], nullable: true },
  ],
  label: 'rain',
};
/** A table under a key cannot be rendered without a region. */
const env = { account: '111111111111', region: 'eu-west-1' };
const named = { environmentName: 'dev', modelName: 'rain' };

/** The shared machinery in one stack, as a platform has it, and a model in another. */
export class Fixture {
  readonly app = new App();
  readonly data = new Stack(this.app, 'Data', { env });
  readonly platform = new Stack(this.app, 'Platform', { env });
  readonly model = new Stack(this.app, 'Model', { env });
  readonly lake = new DataLake(this.data, 'Lake', { environmentName: 'dev' });
  readonly ledgerTable = new TableV2(this.platform, 'Ledger', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    encryption: TableEncryptionV2.customerManagedKey(this.lake.encryptionKey),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  });
  readonly notificationTopic = new Topic(this.platform, 'Notifications', { enforceSSL: true });
  readonly releaseStateMachine = this.machine('Release');
  readonly pipelineStateMachine = this.machine('Pipeline');
  readonly inferenceLog = new InferenceLog(this.model, 'Log', { ...named, dataLake: this.lake, schema: SCHEMA });

  controller(): MonitorController {
    return new MonitorController(this.platform, 'Monitor', {
      environmentName: 'dev',
      dataLake: this.lake,
      ledgerTable: this.ledgerTable,
      notificationTopic: this.notificationTopic,
    });
  }

  reactionController(): ReactionController {
    return new ReactionController(this.platform, 'Reaction', {
      environmentName: 'dev',
      ledgerTable: this.ledgerTable,
      releaseStateMachine: this.releaseStateMachine,
      pipelineStateMachine: this.pipelineStateMachine,
      notificationTopic: this.notificationTopic,
    });
  }

  monitor(props: Partial<ModelMonitorProps> = {}): ModelMonitor {
    return new ModelMonitor(this.model, 'Monitor', {
      ...named,
      schema: SCHEMA,
      dataLake: this.lake,
      inferenceLog: this.inferenceLog,
      controller: this.controller(),
      ...props,
    });
  }

  reaction(monitor: ModelMonitor, props: Partial<RollbackReactionProps> = {}): RollbackReaction {
    return new RollbackReaction(this.model, 'Reaction', {
      ...named,
      monitor,
      controller: this.reactionController(),
      ...props,
    });
  }

  private machine(id: string): StateMachine {
    return new StateMachine(this.platform, id, {
      definitionBody: DefinitionBody.fromChainable(new Pass(this.platform, `${id}Pass`)),
    });
  }
}

/** A text with references as `<LogicalId>`. */
export function joined(value: unknown): string {
  if (typeof value === 'string') return value;
  const [intrinsic, argument] = Object.entries(value as Record<string, unknown>)[0] ?? ['', ''];
  if (intrinsic === 'Fn::Join') return (argument as [string, unknown[]])[1].map(joined).join('');
  return `<${[argument].flat().join('.')}>`;
}
