import type { ReleaseInput } from '../shared/contracts';

/** Commands that a person can paste, for one environment's release machine. */
export class Commands {
  private readonly stateMachineArn: string;

  constructor(
    /** ARN of an execution of the release machine: it holds partition, region, account and the machine's name. */
    executionArn: string,
  ) {
    this.stateMachineArn = executionArn.replace(':execution:', ':stateMachine:').replace(/:[^:]*$/, '');
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

  /** Approves a version in the registry, which releases it. */
  approve(packageArn: string): string {
    return `aws sagemaker update-model-package --model-package-arn ${packageArn} --model-approval-status Approved --approval-description '<why>'`;
  }

  private start(input: ReleaseInput): string {
    return `aws stepfunctions start-execution --state-machine-arn ${this.stateMachineArn} --input '${JSON.stringify(input)}'`;
  }
}
