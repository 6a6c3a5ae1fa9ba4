import type { Act } from '../stage/act';
import { expectThat } from '../stage/expectation';
import { changedEnvironment } from '../stage/changed-environment';

/** The next deploy, with a really changed model stack, leaves the rolled-back version where it is. */
export const rollbackSurvives: Act = {
  id: 7,
  name: 'The rollback survives the next deploy',
  async play(scene) {
    const { platform, traffic, worlds } = scene;
    const before = await platform.template(scene.stacks.model);
    const settingBefore = (await platform.settings(scene.environment, 'monitoring'))['minSamples'];
    scene.step("cdk deploy with another 'minSamples' in the model's monitoring");
    const root = changedEnvironment(scene, { minSamples: Number(settingBefore) + 10 });
    await traffic.during(
      scene.cdk.run('deploy', `${scene.environment}/*`, '--require-approval', 'never', '-c', `root=${root}`),
      () => worlds.take('W1', 1),
    );
    const after = await platform.template(scene.stacks.model);
    expectThat(before !== after, "the model stack's template to have changed", 'the same template');
    const setting = (await platform.settings(scene.environment, 'monitoring'))['minSamples'];
    expectThat(setting === Number(settingBefore) + 10, 'the changed setting to be deployed', setting);
    const state = await platform.ledgerState();
    const answer = (await traffic.send(worlds.take('W1', 1))).at(0);
    expectThat(state['current'] === '1' && answer?.version === '1', 'version 1 still to serve', { state, answer });
    return { minSamples: { before: settingBefore, after: setting }, serves: answer.version };
  },
};
