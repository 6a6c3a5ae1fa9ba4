import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { join, resolve } from 'node:path';
import { AwsAccess } from './aws/access';
import { EventEmitter } from './aws/events';
import { Faults } from './aws/faults';
import { Clock } from './clock';
import { ImageMap } from './containers/image-map';
import { ProcessRunner } from './containers/process-runner';
import { EndpointConfigs } from './hosting/endpoint-configs';
import { Endpoints } from './hosting/endpoints';
import { InvocationMetrics } from './hosting/invocation-metrics';
import { Invocations } from './hosting/invocations';
import { Models } from './hosting/models';
import { ControlPlane } from './http/control-plane';
import { createHttpServer } from './http/http-server';
import { RuntimePlane } from './http/runtime-plane';
import { ProcessingJobs } from './jobs/processing-jobs';
import { TrainingJobs } from './jobs/training-jobs';
import type { SageMakerOptions } from './options';
import type { Platform } from './platform';
import { ModelPackageGroups } from './registry/model-package-groups';
import { ModelPackages } from './registry/model-packages';
import { ConsoleReporter } from './report';
import { ServiceModel } from './service-model/model';
import { RequestReader } from './service-model/request-reader';
import { RestRequestReader } from './service-model/rest-request-reader';
import { Tags } from './store/tags';

/** Real milliseconds that containers have to end when the server ends. */
const CLOSE_GRACE_MS = 3000;
/** Real milliseconds for what is still under way or to be delivered when the server ends. */
const CLOSE_DELIVERY_MS = 2000;

/** A running local SageMaker. */
export interface LocalSageMaker {
  readonly url: string;
  /** Ends every process that it has started, then itself. */
  close(): Promise<void>;
}

/** Starts a SageMaker on the loopback interface. */
export async function startSageMaker(options: SageMakerOptions): Promise<LocalSageMaker> {
  const platform = createPlatform(options);
  const models = new Models(platform);
  const configs = new EndpointConfigs(platform, models);
  const endpoints = new Endpoints(platform, configs);
  const groups = new ModelPackageGroups(platform);
  const metrics = new InvocationMetrics(platform.aws, platform.clock, platform.reporter);
  const families = [
    new TrainingJobs(platform),
    new ProcessingJobs(platform),
    models,
    configs,
    endpoints,
    groups,
    new ModelPackages(platform, groups),
    platform.tags,
  ];
  const operations = Object.fromEntries(families.flatMap(family => Object.entries(family.operations)));
  const server = createHttpServer(
    {
      control: new ControlPlane(new RequestReader(ServiceModel.load(options.serviceModel)), operations),
      runtime: new RuntimePlane(
        new RestRequestReader(ServiceModel.load(options.runtimeServiceModel)),
        new Invocations(endpoints, metrics),
      ),
      health: () => ({ status: 'ok', time: platform.clock.now().toISOString(), nextDue: platform.clock.nextDue() }),
      reporter: platform.reporter,
    },
    options,
  );
  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await endpoints.close();
      await platform.processes.close(CLOSE_GRACE_MS);
      const rest = [endpoints.settled(), metrics.close(), platform.events.drain()];
      await Promise.race([Promise.all(rest), timeout(CLOSE_DELIVERY_MS)]);
      platform.aws.destroy();
    },
  };
}

function createPlatform(options: SageMakerOptions): Platform {
  const workFolder = resolve(options.workFolder);
  mkdirSync(workFolder, { recursive: true });
  const reporter = new ConsoleReporter();
  const clock = new Clock(options.clockFile);
  const { clockFile } = options;
  return {
    clock,
    aws: new AwsAccess(options.endpointUrl, options.credentials, options.account),
    events: new EventEmitter(options.endpointUrl, clock, reporter),
    faults: new Faults(options.endpointUrl, reporter),
    images: new ImageMap(resolve(options.images), options.python),
    processes: new ProcessRunner(),
    tags: new Tags(),
    reporter,
    container: { endpointUrl: options.endpointUrl, ...(clockFile !== undefined && { clockFile }) },
    workFolder,
    logFolder: resolve(options.logFolder ?? join(workFolder, 'logs')),
    stopGraceMs: options.stopGraceSeconds * 1000,
    instanceQuota: options.instanceQuota,
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolvePromise, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolvePromise);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('the server listens on no port');
  }
  return address.port;
}

function timeout(ms: number): Promise<void> {
  return new Promise(resolvePromise => setTimeout(resolvePromise, ms).unref());
}
