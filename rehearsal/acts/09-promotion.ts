import { SetRepositoryPolicyCommand } from '@aws-sdk/client-ecr';
import type { Act } from '../stage/act';
import { imagesFile } from '../stage/environment-file';
import { expectThat, until } from '../stage/expectation';
import { makeRepositories } from '../stage/images';
import type { RegisteredVersion } from '../stage/platform';
import { readRights } from '../stage/rights';
import type { Scene } from '../stage/scene';
import { SecondAccount } from '../stage/second-account';

/** The version that serves here goes to a second account as it is, and serves there by that account's own approval. */
export const promotion: Act = {
  id: 9,
  name: 'Promotion to another account',
  // what is promoted does not depend on where it serves
  only: 'sagemaker',
  async play(scene) {
    const { promotesTo } = scene.target;
    expectThat(promotesTo !== undefined, 'a target that promotes', scene.target.name);
    const { platform } = scene;
    const there = new SecondAccount(scene, promotesTo.environment, promotesTo.account, promotesTo.stacks);
    scene.step(`cdk deploy '${there.environment}/*' in account ${there.account}`);
    await makeRepositories(there.aws, scene.repository, there.environment);
    await there.deploy();
    const repository = await letImagesBeRead(scene);
    const before = await scene.serving.state();

    scene.step('approve version 1 once more: its event goes to the other account');
    await approveOnceMore(scene);
    const record = await until(
      'version 1 to arrive in the other account',
      async () => (await there.platform.ledgerItems('PROMOTION')).at(0),
      async () => ({ versions: await there.platform.versionNumbers(), letters: await there.inbox.read() }),
    );
    const [source, arrived] = await Promise.all([platform.registered('1'), there.platform.registered('1')]);
    await expectSame(scene, there, source, arrived);
    const images = await there.images(repository);
    expectThat(images.includes(source.imageDigest), 'its image to be in the other account', images);
    const letter = await there.inbox.letter(/waits for your approval/, 0);
    expectThat(
      (await there.platform.ledgerState())['current'] === undefined,
      'nothing to serve there before somebody approves there',
      await there.platform.ledgerState(),
    );

    scene.step('approve it there');
    await there.platform.approve('1', 'seen to do well in the first account');
    await there.platform.serves('1');
    const answer = (await there.callers().send(scene.worlds.take('W1', 1))).at(0);
    expectThat(answer?.version === '1', 'a prediction of the second account that names version 1', answer ?? 'none');
    const after = await scene.serving.state();
    expectThat(
      JSON.stringify(after) === JSON.stringify(before),
      'nothing that serves in the first account to change',
      after,
    );
    const denied = (await readRights(scene.cloud.endpoint, [`mlops-${there.environment}`])).flatMap(
      role => role.denied,
    );
    expectThat(denied.length === 0, 'no role of the second account to be denied anything', denied);

    scene.step(`cdk destroy '${there.environment}/*'`);
    const left = await there.destroy();
    expectThat(left.length === 0, 'no stack left in the second account', left);
    return { from: source.arn, to: arrived.arn, approvedBy: record['approvedBy'], personWasTold: letter.text };
  },
};

/** As whoever made the repositories does: the stack tells what their policy must say. */
async function letImagesBeRead({ aws, platform, repository, environment }: Scene): Promise<string> {
  const policyText = platform.output('PromotionImagePolicy');
  const repositories = imagesFile(repository, environment).map(image => image.split(':')[0]);
  for (const repositoryName of repositories) {
    await aws.ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
  }
  return repositories.find(name => name.endsWith('model-server')) ?? '';
}

/** It serves already, so its release here changes nothing; the act goes on when that has ended. */
async function approveOnceMore({ platform }: Scene): Promise<void> {
  const released = (await platform.ledgerItems('RELEASE')).length;
  await platform.approve('1', 'fit for the next account, rehearsal');
  await until(
    'the release that the approval starts here to end',
    async () => (await platform.ledgerItems('RELEASE')).length > released || undefined,
    () => platform.ledgerItems('RELEASE'),
  );
}

async function expectSame(
  scene: Scene,
  there: SecondAccount,
  source: RegisteredVersion,
  arrived: RegisteredVersion,
): Promise<void> {
  expectThat(arrived.status === 'PendingManualApproval', 'it to wait for an approval there', arrived.status);
  expectThat(arrived.metadata['promotedFrom'] === source.arn, 'it to say where it comes from', arrived.metadata);
  expectThat(arrived.metadata['runId'] === source.metadata['runId'], 'it to be of the same run', arrived.metadata);
  expectThat(arrived.imageDigest === source.imageDigest, 'it to have the same image', arrived.imageDigest);
  for (const [what, uri] of [
    ['model', 'modelDataUri'],
    ['evaluation', 'metricsUri'],
    ['baseline', 'baselineUri'],
  ] as const) {
    const digests = await Promise.all([scene.platform.sha256(source[uri]), there.platform.sha256(arrived[uri])]);
    expectThat(digests[0] === digests[1], `its ${what} to have the same digest in both accounts`, digests);
    expectThat(arrived[uri] !== source[uri], `its ${what} to lie in the other account's bucket`, arrived[uri]);
  }
}
