import { ListEndpointsCommand, ListModelsCommand } from '@aws-sdk/client-sagemaker';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import type { Act } from '../stage/act';
import { expectThat } from '../stage/expectation';
import { expectLeastPrivilege } from '../stage/rights';
import { ENVIRONMENT, STACKS } from '../stage/scene';

/** `cdk destroy`: nothing that costs money stays; the data goes only because the environment says so twice. */
export const tearDown: Act = {
  id: 10,
  name: 'Tear down',
  async play(scene) {
    const { aws, platform } = scene;
    await scene.keepRecords();
    // the roles go with their stacks
    await scene.keepRights();
    scene.step(`cdk destroy '${ENVIRONMENT}/*'`);
    await scene.cdk.run('destroy', `${ENVIRONMENT}/*`, '--force');
    const endpoints = (await aws.sageMaker.send(new ListEndpointsCommand({}))).Endpoints ?? [];
    const models = (await aws.sageMaker.send(new ListModelsCommand({}))).Models ?? [];
    expectThat(
      endpoints.length === 0,
      'no endpoint left',
      endpoints.map(endpoint => endpoint.EndpointName),
    );
    expectThat(
      models.length === 0,
      'no model left',
      models.map(model => model.ModelName),
    );
    const stacks = await platform.stacksLeft(Object.values(STACKS));
    expectThat(stacks.length === 0, 'no stack left', stacks);
    const left = (await aws.s3.send(new ListBucketsCommand({}))).Buckets?.map(bucket => bucket.Name ?? '') ?? [];
    const data = left.filter(name => name.startsWith(STACKS.data));
    expectThat(
      data.length === 0,
      'no bucket of the lake left, as the environment says twice that its data may go',
      left,
    );
    const versions = await platform.versionNumbers();
    expectThat(versions.length === 3, 'all three registered versions kept, whatever the environment says', versions);
    await scene.keepRights();
    expectLeastPrivilege(scene.rights);
    return {
      endpointsLeft: endpoints.length,
      modelsLeft: models.length,
      bucketsLeft: data.length,
      versionsKept: versions,
    };
  },
};
