import { z } from 'zod';
import { runInputs } from '../shared/contracts';

/** What a run is, from its claim on; one item for each run id, changed only together with the model's state. */
export const runRecord = z.strictObject({
  runId: z.string(),
  status: z.enum(['running', 'succeeded', 'not-better', 'failed']),
  /** 1 for the first; a retry after a failure trains under the next. */
  attempt: z.number().int().positive(),
  /** ARN of the execution that has it. */
  execution: z.string(),
  trigger: z.string(),
  inputs: runInputs,
  startedAt: z.string(),
  endedAt: z.string().optional(),
  /** Why it ended as it did. */
  reason: z.string().optional(),
  jobName: z.string(),
  modelDataUri: z.string(),
  /** Where `evaluation.json` and `baseline.json` lie. */
  evaluationUri: z.string(),
  schemaDigest: z.string(),
  /** Place of the newest batch that the run met. */
  seenThrough: z.string(),
  /** Version that serves while the run is claimed; it is evaluated beside the challenger. */
  champion: z.string().optional(),
  auc: z.number().optional(),
  championAuc: z.number().optional(),
  version: z.string().optional(),
  modelPackageArn: z.string().optional(),
});
export type RunRecord = z.infer<typeof runRecord>;

/** What the guard knows of a model. */
export const pipelineState = z.strictObject({
  /** Grows with every write; a writer that has not seen the newest is refused. */
  generation: z.number().int().nonnegative(),
  /** When trainings of the last day were claimed. */
  trainings: z.array(z.string()),
  lastTrainingAt: z.string().optional(),
  /** Challengers in a row that lost at the gate. */
  lostChallengers: z.number().int().nonnegative(),
  /** What landed up to here has been trained on, or was passed over for newer rows. */
  seenThrough: z.string().optional(),
});
export type PipelineState = z.infer<typeof pipelineState>;

/** State of a model that was never trained. */
export const INITIAL_STATE: PipelineState = { generation: 0, trainings: [], lostChallengers: 0 };

/** What became of one execution: every start leaves one, a refused one too. */
export interface ExecutionRecord {
  /** Name of the execution. */
  name: string;
  at: string;
  trigger: string;
  requestedBy: string;
  /** Why it was started. */
  startReason: string;
  outcome: string;
  reason: string;
  runId?: string;
}
