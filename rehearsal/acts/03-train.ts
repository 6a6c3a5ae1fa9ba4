import { ListTrainingJobsCommand } from '@aws-sdk/client-sagemaker';
import type { Act } from '../stage/act';
import { expectThat } from '../stage/expectation';
import { MODEL } from '../stage/target';

const MIN_AUC = 0.8;
const TRAINING_TIMEOUT_SECONDS = 120;

/** The execution that the data started goes on to a registered version; the same data never trains twice. */
export const train: Act = {
  id: 3,
  name: 'Train',
  async play(scene) {
    const { platform, aws } = scene;
    scene.step('train → evaluate → gate → register');
    const executions = await platform.executions('PipelineStateMachineArn');
    const [execution] = executions;
    expectThat(executions.length === 1, 'one execution, the one that the data started', executions);
    const first = await platform.succeeded(execution, TRAINING_TIMEOUT_SECONDS);
    const trigger = first.input['trigger'] as { kind?: string } | undefined;
    expectThat(trigger?.kind === 'new-data', "it to be started by 'new-data'", first.input);
    const version = await platform.registered('1');
    expectThat(version.status === 'PendingManualApproval', "version 1 to be 'PendingManualApproval'", version.status);
    const auc = Number(version.metadata['auc']);
    expectThat(auc >= MIN_AUC, `AUC on held-out rows of at least ${MIN_AUC}`, version.metadata);
    const runId = version.metadata['runId'] ?? '';
    expectThat(
      [runId, version.baselineUri, version.metricsUri, version.imageDigest].every(part => part !== ''),
      "a run id, metrics, a drift baseline and the serving image's digest in the model package",
      version,
    );

    scene.step('start the pipeline again by hand on the same data');
    const jobs = async () =>
      (await aws.sageMaker.send(new ListTrainingJobsCommand({}))).TrainingJobSummaries?.map(
        job => job.TrainingJobStatus,
      );
    const before = await jobs();
    expectThat(
      before?.length === 1 && before[0] === 'Completed',
      "one SageMaker training job, 'Completed'",
      before ?? 'none',
    );
    const again = await platform.succeeded(
      await platform.start('PipelineStateMachineArn', 'by-hand-on-the-same-data', {
        model: MODEL,
        trigger: {
          kind: 'manual',
          id: 'by-hand-on-the-same-data',
          requestedBy: 'rehearsal',
          reason: 'the same data again',
        },
      }),
    );
    expectThat(again.output['runId'] === runId, `the same run id ${runId}`, again.output);
    expectThat(again.output['version'] === '1', 'the existing version 1 to be named', again.output);
    expectThat((await jobs())?.length === 1, 'no training beyond the one before', await jobs());
    return { execution: first.name, version: '1', auc, runId, baseline: version.baselineUri, again: again.output };
  },
};
