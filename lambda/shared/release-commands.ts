import type { ReleaseInput } from './contracts';

/** Commands that a person can paste, for one environment's release machine. */
export class Commands {
  constructor(private readonly stateMachineArn: string) {}

  /** Of the machine of an execution, whose ARN holds partition, region, account and the machine's name. */
  static ofExecution(executionArn: string): Commands {
    return new Commands(executionArn.replace(':execution:', ':stateMachine:').replace(/:[^:]*$/, ''));
  }

  /** Lifts the quarantine of a version. */
  liftQuarantine(model: string, version: string): string {
    return this.start({
      action: 'lift-quarantine',
      model,
      version,
      requestedBy: '<your name>',
      reason: '<why it may serve again>',
    });
  }

  /** Releases a version. */
  release(model: string, version: string): string {
    return this.start({ action: 'release', model, version, requestedBy: '<your name>', reason: '<why>' });
  }

  /** Goes back to a version that was healthy. */
  rollback(model: string, version: string, from?: string): string {
    const leaving = from === undefined ? {} : { from };
    return this.start({ action: 'rollback', model, version, ...leaving, requestedBy: '<your name>', reason: '<why>' });
  }

  /** Holds releases by approvals and rollbacks by alarms. */
  hold(model: string): string {
    return this.start({ action: 'hold', model, requestedBy: '<your name>', reason: '<why>' });
  }

  /** Ends a hold. */
  resume(model: string): string {
    return this.start({ action: 'resume', model, requestedBy: '<your name>', reason: '<why>' });
  }

  /** Approves a version in the registry, which releases it. */
  approve(packageArn: string): string {
    return `aws sagemaker update-model-package --model-package-arn ${packageArn} --model-approval-status Approved --approval-description '<why>'`;
  }

  private start(input: ReleaseInput): string {
    return `aws stepfunctions start-execution --state-machine-arn ${this.stateMachineArn} --input '${JSON.stringify(input)}'`;
  }
}
