import { ListBucketsCommand } from '@aws-sdk/client-s3';
import type { Act } from '../stage/act';
import { expectThat } from '../stage/expectation';
import { expectLeastPrivilege } from '../stage/rights';

/** `cdk destroy`: nothing that costs money stays; the data goes only because the environment says so twice. */
export const tearDown: Act = {
  id: 11,
  name: 'Tear down',
  async play(scene) {
    const { aws, platform } = scene;
    await scene.keepRecords();
    // the roles go with their stacks
    await scene.keepRights();
    scene.step(`cdk destroy '${scene.environment}/*'`);
    await scene.cdk.run('destroy', `${scene.environment}/*`, '--force');
    const left = await scene.serving.left();
    expectThat(left.length === 0, 'nothing left of what served', left);
    const stacks = await platform.stacksLeft(Object.values(scene.stacks));
    expectThat(stacks.length === 0, 'no stack left', stacks);
    const buckets = (await aws.s3.send(new ListBucketsCommand({}))).Buckets?.map(bucket => bucket.Name ?? '') ?? [];
    const data = buckets.filter(name => name.startsWith(scene.stacks.data));
    expectThat(
      data.length === 0,
      'no bucket of the lake left, as the environment says twice that its data may go',
      buckets,
    );
    const versions = await platform.versionNumbers();
    expectThat(versions.length === 3, 'all three registered versions kept, whatever the environment says', versions);
    await scene.keepRights();
    expectLeastPrivilege(scene.rights, scene.target.name);
    return {
      servingLeft: left.length,
      bucketsLeft: data.length,
      versionsKept: versions,
    };
  },
};
