import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import {
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  paginateListEndpointConfigs,
  paginateListModels,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { ApplicationAutoScaling } from '../shared/application-auto-scaling';
import { answerCustomResource } from '../shared/custom-resource';
import { ifExists } from '../shared/sagemaker-errors';
import { SERVING_VARIANT } from '../shared/variants';
import { cleanUp, type CleanupPorts } from './cleanup';

const properties = z.object({ EndpointName: z.string().min(1) });
const sagemaker = new SageMakerClient();
const scaling = new ApplicationAutoScaling(new ApplicationAutoScalingClient({}));

function ports(context: Context): CleanupPorts {
  return {
    async endpointStatus(name) {
      const found = await ifExists(() => sagemaker.send(new DescribeEndpointCommand({ EndpointName: name })));
      return found?.EndpointStatus;
    },
    deregisterScaling: endpointName => scaling.deregister(endpointName, SERVING_VARIANT),
    async deleteEndpoint(name) {
      await ifExists(() => sagemaker.send(new DeleteEndpointCommand({ EndpointName: name })));
    },
    async endpointConfigs(nameContains) {
      const names: string[] = [];
      for await (const page of paginateListEndpointConfigs({ client: sagemaker }, { NameContains: nameContains })) {
        names.push(...(page.EndpointConfigs ?? []).map(config => config.EndpointConfigName ?? ''));
      }
      return names;
    },
    async deleteEndpointConfig(name) {
      await ifExists(() => sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: name })));
    },
    async models(nameContains) {
      const names: string[] = [];
      for await (const page of paginateListModels({ client: sagemaker }, { NameContains: nameContains })) {
        names.push(...(page.Models ?? []).map(model => model.ModelName ?? ''));
      }
      return names;
    },
    async deleteModel(name) {
      await ifExists(() => sagemaker.send(new DeleteModelCommand({ ModelName: name })));
    },
    async sleep(seconds) {
      await pause(seconds * 1000);
    },
    remaining: () => context.getRemainingTimeInMillis(),
  };
}

/** Custom resource of each model's stack: when the stack goes, what its releases made goes too. */
export async function handler(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  await answerCustomResource(event, async () => {
    const { EndpointName: endpointName } = properties.parse(event.ResourceProperties);
    console.log(event.RequestType === 'Delete' ? await cleanUp(endpointName, ports(context)) : 'nothing to do');
  });
}
