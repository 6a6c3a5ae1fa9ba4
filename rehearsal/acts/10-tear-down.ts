import { ListEndpointsCommand, ListModelsCommand } from '@aws-sdk/client-sagemaker';
import type { Act } from '../stage/act';
import { expectThat } from '../stage/expectation';
import { ENVIRONMENT } from '../stage/scene';

/** `cdk destroy`: nothing that costs money stays; the data goes only because the environment says so twice. */
export const tearDown: Act = {
  id: 10,
  name: 'Tear down',
  async play(scene) {
    const { aws } = scene;
    await scene.keepRecords();
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
    return { endpointsLeft: 0, modelsLeft: 0 };
  },
};
