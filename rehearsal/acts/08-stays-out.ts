import type { Act } from '../stage/act';
import { expectThat, until } from '../stage/expectation';

/** Approving the rejected version again changes nothing that serves, and says why and what a person may do. */
export const staysOut: Act = {
  id: 8,
  name: 'It stays out',
  async play(scene) {
    const { platform, inbox, traffic, worlds } = scene;
    const before = await scene.serving.state();
    const told = (await inbox.read()).length;
    scene.step('approve version 2 again');
    await platform.approve('2', 'somebody clicks approve again');
    const refused = await until(
      'the release of version 2 to be refused',
      async () =>
        (await platform.ledgerItems('RELEASE')).find(item => item['version'] === '2' && item['outcome'] === 'refused'),
      () => platform.ledgerItems('RELEASE'),
    );
    const letter = await inbox.letter(/quarantine/i, told);
    expectThat(
      /lift-quarantine/.test(letter.text),
      'the letter to tell how a person lifts the quarantine',
      letter.text,
    );
    const after = await scene.serving.state();
    expectThat(JSON.stringify(after) === JSON.stringify(before), 'nothing that serves to change', after);
    const answer = (await traffic.send(worlds.take('W1', 1))).at(0);
    expectThat(answer?.version === '1', 'version 1 still to serve', answer ?? traffic.failures);
    return { refused: refused['detail'], personWasTold: letter.text };
  },
};
