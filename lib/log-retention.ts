import { type IAspect } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';

/** Keeps every log of an environment for as long as its file says, whichever construct made it. */
export class LogRetention implements IAspect {
  constructor(private readonly days: number) {}

  public visit(node: IConstruct): void {
    if (node instanceof CfnLogGroup) node.retentionInDays = this.days;
  }
}
