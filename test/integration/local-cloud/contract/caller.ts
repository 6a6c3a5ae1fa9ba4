import * as sagemaker from '@aws-sdk/client-sagemaker';
import * as runtime from '@aws-sdk/client-sagemaker-runtime';
import type { LocalCloud } from '../../../../local-cloud/start';
import type { ServiceModel } from '../../../../local-cloud/sagemaker/service-model/model';
import { checkEveryAnswer } from '../../../local-cloud/sagemaker/service-model/checked-client';
import { clientOf } from '../stack';
import type { Input, PagedList, Step } from './contract';
import { inputs } from './contract';

const WAIT_SECONDS = 60;

type Send = (command: unknown) => Promise<Record<string, unknown>>;
type Waiter = (settings: object, input: Input) => Promise<unknown>;
type Paginator = (settings: object, input: Input) => AsyncIterable<Record<string, unknown>>;

/** Calls of the contract by AWS's SDK for JavaScript; every answer is checked against the service model. */
export class Caller {
  private readonly client: sagemaker.SageMakerClient;
  private readonly runtimeClient: runtime.SageMakerRuntimeClient;

  constructor(cloud: LocalCloud, model: ServiceModel) {
    const config = { ...clientOf(cloud), maxAttempts: 1 };
    this.client = new sagemaker.SageMakerClient(config);
    this.runtimeClient = new runtime.SageMakerRuntimeClient(config);
    checkEveryAnswer(this.client, model);
  }

  public async call(operation: string, input: Input): Promise<Record<string, unknown>> {
    if (operation === 'InvokeEndpoint') {
      const { Body, ...rest } = await this.runtimeClient.send(
        new runtime.InvokeEndpointCommand(input as unknown as runtime.InvokeEndpointCommandInput),
      );
      return { ...rest, Body: Body.transformToString() };
    }
    const Command = member(`${operation}Command`) as new (input: Input) => unknown;
    return (this.client.send.bind(this.client) as unknown as Send)(new Command(input));
  }

  /** Carries a step out; gives back the last answer. */
  public async step(step: Step): Promise<Record<string, unknown>> {
    let answer: Record<string, unknown> = {};
    for (const input of inputs(step)) {
      if (step.waiter !== undefined) {
        const wait = member(`waitUntil${pascal(step.waiter)}`) as Waiter;
        await wait({ client: this.client, maxWaitTime: WAIT_SECONDS, minDelay: 1, maxDelay: 1 }, input);
      } else {
        answer = await this.call(step.operation ?? '', input);
      }
    }
    return answer;
  }

  /** Names in each page of a list. */
  public async pages({ operation, input, pageSize = 2, result, name }: PagedList): Promise<unknown[][]> {
    const paginate = member(`paginate${operation}`) as Paginator;
    const pages: unknown[][] = [];
    // a copy: the SDK writes the next page's token into what it is given
    for await (const page of paginate({ client: this.client, pageSize }, { ...input })) {
      pages.push((page[result] as Record<string, unknown>[]).map(item => item[name]));
    }
    return pages;
  }

  public close(): void {
    this.client.destroy();
    this.runtimeClient.destroy();
  }
}

function member(name: string): unknown {
  const found = (sagemaker as Record<string, unknown>)[name];
  if (found === undefined) {
    throw new Error(`@aws-sdk/client-sagemaker has no '${name}'`);
  }
  return found;
}

function pascal(snake: string): string {
  return snake.replace(/(^|_)([a-z])/g, (_, _separator, letter: string) => letter.toUpperCase());
}
