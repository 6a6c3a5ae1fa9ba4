import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  ColumnType,
  DataLake,
  ModelImage,
  ModelRegistry,
  PipelineController,
  type PipelineControllerProps,
  TrainingPipeline,
  type TrainingPipelineProps,
} from '../../../constructs';
import { inlineRights } from '../../support/inline-rights';

/** A folder with a `train.py`. */
export const CODE = join(__dirname, '..', '..', '..', 'examples', 'rain');

/** A platform stack with a controller, and the stack of one model that uses it. */
export interface Stacks {
  readonly platform: Stack;
  readonly model: Stack;
  readonly controller: PipelineController;
  readonly dataLake: DataLake;
}

export function stacks(props: Partial<PipelineControllerProps> = {}): Stacks {
  const app = new App();
  const platform = new Stack(app, 'Platform');
  const dataLake = new DataLake(platform, 'Lake', { environmentName: 'dev' });
  const controller = new PipelineController(platform, 'Pipeline', {
    environmentName: 'dev',
    dataLake,
    notificationTopic: new Topic(platform, 'People'),
    ledgerTable: new TableV2(platform, 'Ledger', { partitionKey: { name: 'pk', type: AttributeType.STRING } }),
    ...props,
  });
  return { platform, model: new Stack(app, 'Model'), controller, dataLake };
}

export function withTraining(
  props: Partial<TrainingPipelineProps> = {},
): Stacks & { readonly training: TrainingPipeline } {
  const made = stacks();
  const repository = Repository.fromRepositoryName(made.model, 'Repository', 'mlops/trainer');
  const training = new TrainingPipeline(made.model, 'Training', {
    environmentName: 'dev',
    modelName: 'rain',
    schema: { features: [{ name: 'pressure', type: ColumnType.DOUBLE, min: 900 }], label: 'rain' },
    dataLake: DataLake.fromDataLakeAttributes(made.model, 'Lake', made.dataLake),
    registry: new ModelRegistry(made.model, 'Registry', { environmentName: 'dev', modelName: 'rain' }),
    controller: made.controller,
    codePath: CODE,
    image: ModelImage.fromEcrRepository(repository, '1'),
    inferenceImage: ModelImage.fromEcrRepository(repository, '2'),
    instanceType: 'ml.m5.large',
    ...props,
  });
  return { ...made, training };
}

/** A value of a template with each reference as a short text, so that texts joined of it can be read. */
export function flat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flat);
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = Object.entries(value);
  const [intrinsic, argument] = entries[0] ?? ['', undefined];
  if (intrinsic === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(flat).join(separator);
  }
  if (intrinsic === 'Ref' || intrinsic.startsWith('Fn::')) return [argument].flat().join('.');
  return Object.fromEntries(entries.map(([name, member]) => [name, flat(member)]));
}

/** A statement of a policy, flat. */
export interface Statement {
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: unknown;
}

/** Statements of every role and policy whose logical id begins so. */
export function statementsOf(stack: Stack, logicalId: string): Statement[] {
  const template = Template.fromStack(stack);
  const beside = Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(logicalId))
    .flatMap(([, policy]) => {
      const { Properties } = policy as { Properties: { PolicyDocument: { Statement: unknown[] } } };
      return flat(Properties.PolicyDocument.Statement) as Statement[];
    });
  return [...(flat(inlineRights(template, logicalId)) as Statement[]), ...beside];
}

/** Actions that a policy allows. */
export function actionsOf(statements: Statement[]): string[] {
  return statements.flatMap(({ Action }) => [Action].flat());
}
