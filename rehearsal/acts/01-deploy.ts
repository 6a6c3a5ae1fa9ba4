import { expectThat } from '../stage/expectation';
import type { Act } from '../stage/act';
import { monitoringFile } from '../stage/environment-file';
import { iamIsEnforced } from '../stage/iam-proof';
import { pushImages } from '../stage/images';

const MINUTE_SECONDS = 60;

/** The real app, by the real CDK CLI. */
export const deploy: Act = {
  id: 1,
  name: 'Deploy',
  async play(scene) {
    const began = performance.now();
    scene.step('push the images');
    await pushImages(scene);
    scene.step('cdk bootstrap');
    await scene.cdk.run('bootstrap', `aws://${scene.cloud.accountId}/${scene.cloud.region}`);
    // the monitor's schedule counts from its creation: so each period is counted soon after its grace
    const { periodMinutes, graceMinutes } = monitoringFile(scene.repository, scene.environment);
    await scene.clock.advanceToPhase(periodMinutes * MINUTE_SECONDS, graceMinutes * MINUTE_SECONDS);
    scene.step(`cdk deploy '${scene.environment}/*'`);
    await scene.cdk.run('deploy', `${scene.environment}/*`, '--require-approval', 'never');
    const seconds = (performance.now() - began) / 1000;

    scene.step('look at what stands');
    await scene.open();
    const counts = await Promise.all(
      Object.values(scene.stacks).map(stack => scene.platform.resourceCount(stack as string)),
    );
    const resources = counts.reduce((sum, count) => sum + count, 0);
    const recordedOnly = await scene.recordedOnly();
    scene.deployment = { stacks: counts.length, resources, seconds, recordedOnly };
    expectThat(
      counts.every(count => count > 0),
      'resources in every stack',
      counts,
    );
    scene.iamEnforced = await iamIsEnforced(scene);
    expectThat(scene.iamEnforced, "IAM to be enforced: a model's role must not read the ledger", 'it could');
    return { stacks: Object.values(scene.stacks), resources, recordedOnly: recordedOnly.length };
  },
};
