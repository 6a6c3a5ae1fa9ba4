/** The platform of `app.ts` with a service that scales by itself and keeps its last version warm. */
import { Duration } from 'aws-cdk-lib';
import { oneModel } from './one-model';

oneModel({
  service: {
    // a test deploys it once more with another
    instanceType: process.argv[2] ?? 'ml.m5.large',
    instanceCount: 2,
    autoScaling: { minCapacity: 1, maxCapacity: 4, targetInvocationsPerInstance: 600 },
    warmStandby: Duration.hours(1),
  },
});
