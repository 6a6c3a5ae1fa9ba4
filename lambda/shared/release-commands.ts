import type { ReleaseInput } from './contracts';
import { toPaste } from './notify';
import { machineOfExecution } from './state-machine-arn';

/** What a person puts in: no angle brackets, of which a shell makes a file and a chat a link. */
export const WHO = 'YOUR NAME';
export const WHY = 'WHY';

/**
 * Commands that a person can paste, for one environment's release machine: by `mlops` where this repository is at
 * hand, else by the AWS CLI.
 */
export class Commands {
  constructor(
    private readonly stateMachineArn: string,
    private readonly environmentName: string,
  ) {}

  /** Of the machine of an execution. */
  static ofExecution(executionArn: string, environmentName: string): Commands {
    return new Commands(machineOfExecution(executionArn), environmentName);
  }

  /** Lifts the quarantine of a version. */
  liftQuarantine(model: string, version: string): string {
    return this.ask(`lift-quarantine ${model} ${version}`, { action: 'lift-quarantine', model, version, ...ASKED });
  }

  /** Releases a version; without a shadow, even if the model's settings ask for one. */
  release(model: string, version: string, { withoutShadow = false } = {}): string {
    const input = { action: 'release', model, version, ...ASKED } as const;
    return withoutShadow
      ? this.ask(`release ${model} ${version} --without-shadow`, { ...input, withoutShadow })
      : this.ask(`release ${model} ${version}`, input);
  }

  /** Goes back to a version that was healthy. */
  rollback(model: string, version: string, from?: string): string {
    const leaving = from === undefined ? {} : { from };
    return this.ask(`rollback ${model} --to ${version}`, { action: 'rollback', model, version, ...leaving, ...ASKED });
  }

  /** Holds releases by approvals and rollbacks by alarms. */
  hold(model: string): string {
    return this.ask(`hold ${model}`, { action: 'hold', model, ...ASKED });
  }

  /** Ends a hold. */
  resume(model: string): string {
    return this.ask(`resume ${model}`, { action: 'resume', model, ...ASKED });
  }

  /** Takes down what serves, until it is woken. */
  sleep(model: string): string {
    return this.ask(`sleep ${model}`, { action: 'sleep', model, ...ASKED });
  }

  /** Brings back the version that sleeps. */
  wake(model: string): string {
    return this.ask(`wake ${model}`, { action: 'wake', model, ...ASKED });
  }

  /** Finishes or undoes what an execution that died left; `mlops` has no word for it, since the reconciler does it. */
  reconcile(model: string): string {
    return toPaste(this.start({ action: 'reconcile', model, ...ASKED }));
  }

  /** Approves a version in the registry, which releases it. */
  approve(packageArn: string): string {
    return toPaste(approveCommand(packageArn));
  }

  /** Tells what serves. */
  status(model: string): string {
    return toPaste(this.mlops(`status ${model}`));
  }

  /** Tells a release's or a decision's whole story. */
  explain(id: string, executionArn?: string): string {
    const byAws =
      executionArn === undefined ? [] : [`aws stepfunctions describe-execution --execution-arn ${executionArn}`];
    return toPaste(this.mlops(`explain ${id}`), ...byAws);
  }

  private ask(words: string, input: ReleaseInput): string {
    return toPaste(`${this.mlops(words)} --reason '${WHY}'`, this.start(input));
  }

  private start(input: ReleaseInput): string {
    return `aws stepfunctions start-execution --state-machine-arn ${this.stateMachineArn} --input '${JSON.stringify(input)}'`;
  }

  private mlops(words: string): string {
    return `npx mlops ${words} --environment ${this.environmentName}`;
  }
}

const ASKED = { requestedBy: WHO, reason: WHY };

/** Approves a version in the registry, with the reason that its release is recorded with. */
export function approveCommand(packageArn: string): string {
  return `aws sagemaker update-model-package --model-package-arn ${packageArn} --model-approval-status Approved --approval-description '${WHY}'`;
}

/** Prints what a version is for, what it was made from and how well it did. */
export function modelCardCommand(packageArn: string): string {
  return `aws sagemaker describe-model-package --model-package-name ${packageArn} --query ModelCard.ModelCardContent --output text`;
}
