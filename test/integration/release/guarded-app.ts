/** The release app with what a production service has: a canary, and instances that scale with the load. */
import { Duration } from 'aws-cdk-lib';
import { ShiftPolicy } from '../../../constructs';
import { oneModel } from './one-model';

oneModel({
  service: {
    instanceCount: 2,
    shift: ShiftPolicy.canary({ percent: 50, bakeTime: Duration.minutes(1) }),
    autoScaling: { minCapacity: 2, maxCapacity: 4, targetInvocationsPerInstance: 1000 },
  },
  // each look that is due is played when the clock moves on by days
  reconcileInterval: Duration.hours(1),
});
