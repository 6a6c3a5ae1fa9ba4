import type { EnvironmentFile, ModelFile } from './environment-schema';
import type { IdleFile } from './idle-schema';
import type { EksServing, SageMakerServing, ServingFile } from './serving-schema';
import { type TierDefaults, TIERS } from './tiers';

/** A model in an environment with what its tier says. */
export interface CompleteModel extends Omit<ModelFile, 'training' | 'serving'> {
  readonly training: NonNullable<ModelFile['training']> & { readonly instanceType: string };
  readonly serving: EksServing | SageMakerServing;
  /** Absent: it never sleeps. */
  readonly idle?: IdleFile;
}

/** An environment's file with what its tier says. */
export interface CompleteFile extends Omit<EnvironmentFile, 'models'> {
  readonly terminationProtection: boolean;
  readonly logRetentionDays: number;
  readonly models: Readonly<Record<string, CompleteModel>>;
}

/** What starts a training where versions come from another environment: nothing, since they are promoted, not trained anew. */
const RECEIVING_TRIGGERS = { newData: false, retrain: false };

/** Fills in what the file of an environment leaves out. */
export function withTierDefaults(file: EnvironmentFile): CompleteFile {
  const defaults = TIERS[file.tier];
  const removalPolicy = file.data.removalPolicy ?? defaults.data.removalPolicy;
  return {
    ...file,
    terminationProtection: file.terminationProtection ?? defaults.terminationProtection,
    logRetentionDays: file.logRetentionDays ?? defaults.logRetentionDays,
    data: {
      ...defaults.data,
      ...file.data,
      removalPolicy,
      deleteData: removalPolicy === 'destroy' && file.data.deleteData === true,
    },
    models: Object.fromEntries(
      Object.entries(file.models).map(([name, model]) => [
        name,
        {
          ...model,
          training: { ...defaults.training, ...model.training, ...triggersOf(file, model) },
          serving: completeServing(model.serving ?? {}, defaults.serving),
          ...(file.idle === undefined || model.neverSleeps === true ? {} : { idle: file.idle }),
        },
      ]),
    ),
  };
}

function triggersOf(
  { promotion }: EnvironmentFile,
  { training }: ModelFile,
): Pick<CompleteModel['training'], 'triggers'> {
  return promotion?.from === undefined ? {} : { triggers: { ...RECEIVING_TRIGGERS, ...training?.triggers } };
}

function completeServing(serving: ServingFile, defaults: TierDefaults['serving']): EksServing | SageMakerServing {
  // on a cluster the construct decides: what is right there depends on the cluster
  if (serving.target === 'eks') return serving;
  const instanceCount = serving.instanceCount ?? defaults.instanceCount;
  const fewest = serving.autoScaling?.minCapacity ?? instanceCount;
  return {
    instanceType: defaults.instanceType,
    ...(fewest < 2 ? {} : { shift: defaults.shift }),
    ...serving,
    instanceCount,
  };
}
