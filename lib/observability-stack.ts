import { CrossStackReferences, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type AuditRecords, EnvironmentDashboard, type IDataLake, ServingTarget } from '../constructs';
import type { Environment } from './config/environment';
import { addOutputs } from './outputs';
import type { PlatformStack } from './platform-stack';

/** Settings of the observability stack. */
export interface ObservabilityStackProps extends StackProps {
  readonly environment: Environment;
  readonly lake: IDataLake;
  readonly platform: PlatformStack;
  /**
   * What copies the records to where they are locked.
   *
   * @default - nothing does
   */
  readonly records?: AuditRecords;
}

/** What only looks. Models are known to it by their names, so that none needs it to go; nothing needs it to stay. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props);
    const { environment, lake, platform, records } = props;
    // an export that a graph uses would keep the others from removing an alarm: weak ones are read and hold nothing
    CrossStackReferences.of(this).consume(ReferenceStrength.WEAK);
    const { dashboardName } = new EnvironmentDashboard(this, 'Dashboard', {
      environmentName: environment.name,
      models: environment.models.map(({ definition, serving }) => ({
        modelName: definition.name,
        target: serving.target === 'eks' ? ServingTarget.EKS : ServingTarget.SAGEMAKER,
      })),
      releaseStateMachine: platform.release.stateMachine,
      pipelineStateMachine: platform.pipeline.stateMachine,
      monitorStateMachine: platform.monitor.stateMachine,
      deadLetterQueues: {
        ...platform.deadLetterQueues,
        ...(records === undefined ? {} : { 'records that were not copied': records.deadLetterQueue }),
      },
      alarms: [...platform.alarms, ...(records === undefined ? [] : [records.lostAlarm])],
      workgroupName: lake.workgroupName,
      accountCharges: environment.accountCharges,
    });
    addOutputs(this, { DashboardName: dashboardName });
  }
}
