/**
 * Starts the training pipeline when a batch has landed or a schedule is due.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { requiredEnvironment } from '../shared/environment';
import { Settings, SettingsError } from '../shared/settings';
import { isByErasure } from './declaration';
import { trigger, type TriggerAnswer, type TriggerPorts } from './trigger';

const environment = requiredEnvironment('ENVIRONMENT', 'PIPELINE_MACHINE_ARN');
const s3 = new S3Client({});
const stepFunctions = new SFNClient({});
const settings = new Settings(new SSMClient({}), environment.ENVIRONMENT);

const ports: TriggerPorts = {
  modelExists: async model => {
    try {
      await settings.training(model);
      return true;
    } catch (error) {
      if (error instanceof SettingsError && error.missing) return false;
      // settings that cannot be read: the pipeline's guard says so where a person sees it
      if (error instanceof SettingsError) return true;
      throw error;
    }
  },
  isByErasure: declared => isByErasure(s3, declared),
  start: async ({ executionName, input }) => {
    try {
      await stepFunctions.send(
        new StartExecutionCommand({
          stateMachineArn: environment.PIPELINE_MACHINE_ARN,
          name: executionName,
          input: JSON.stringify(input),
        }),
      );
      return 'started';
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return 'already-started';
      throw error;
    }
  },
};

export async function handler(event: unknown): Promise<TriggerAnswer> {
  const answer = await trigger(event, ports);
  console.log(JSON.stringify(answer));
  return answer;
}
