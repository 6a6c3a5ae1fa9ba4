import type { Act } from '../stage/act';
import { expectThat } from '../stage/expectation';

/** A person approves; the event releases. */
export const release: Act = {
  id: 4,
  name: 'Approve and release',
  async play(scene) {
    const { platform, traffic } = scene;
    scene.step('approve version 1');
    await platform.approve('1', 'evaluation looked at, rehearsal');
    scene.step('the approval event starts the release machine');
    const state = await platform.serves('1');
    const serving = await scene.serving.state();
    const answer = (await traffic.send(scene.worlds.take('W1', 1))).at(0);
    expectThat(answer?.version === '1', 'a prediction that names version 1', answer ?? traffic.failures);
    const healthy = (await platform.ledgerItems('VERSION')).find(item => item['version'] === '1');
    expectThat(healthy?.['status'] === 'healthy', 'the ledger to call version 1 healthy', healthy ?? {});
    return { ...serving, activatedAt: state['activatedAt'] };
  },
};
