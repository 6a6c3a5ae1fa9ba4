import { type Duration, Lazy, Stack } from 'aws-cdk-lib';
import { type CfnDashboard, Column, Dashboard, type IVariable, type IWidget, Row } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { jsonText } from '../private/json-text';

/** Settings of such a dashboard. */
export interface OnceWrittenDashboardProps {
  readonly dashboardName: string;
  /** How much of the past it shows when it is opened. */
  readonly defaultInterval: Duration;
  /** Rows of widgets; one that is too long breaks. @default - none yet */
  readonly widgets?: IWidget[][];
}

/**
 * The CDK's dashboard with the same body, put together once: the CDK's own resolves all of a body three times in a synth, which
 * for a dashboard a model was a fifth of what a model took. A widget that changes after somebody looked is not written again.
 */
export class OnceWrittenDashboard extends Dashboard {
  // the base class adds an injector's widgets before a field of this one could have a value
  declare private shownRows?: IWidget[];
  declare private shownVariables?: IVariable[];
  declare private written?: string;

  constructor(scope: Construct, id: string, props: OnceWrittenDashboardProps) {
    const { dashboardName, defaultInterval, widgets = [] } = props;
    super(scope, id, { dashboardName, defaultInterval });
    this.writeOnce(this.node.defaultChild as CfnDashboard);
    for (const row of widgets) this.addWidgets(...row);
  }

  public override addWidgets(...widgets: IWidget[]): void {
    super.addWidgets(...widgets);
    this.written = undefined;
    if (widgets.length > 0) (this.shownRows ??= []).push(new Row(...widgets));
  }

  public override addVariable(variable: IVariable): void {
    super.addVariable(variable);
    this.written = undefined;
    (this.shownVariables ??= []).push(variable);
  }

  /** All but the widgets is taken over as the CDK has it, so also what an injector says. */
  private writeOnce(resource: CfnDashboard): void {
    const stack = Stack.of(this);
    const own: unknown = stack.resolve(resource.dashboardBody);
    // widgets of an injector with something in them that is known at deployment only: then the CDK's body stays
    if (typeof own !== 'string') return;
    const head = JSON.parse(own) as object;
    resource.dashboardBody = Lazy.uncachedString({
      produce: () => (this.written ??= jsonText(stack, { ...head, ...this.shown() })),
    });
  }

  private shown(): object {
    const column = new Column(...(this.shownRows ?? []));
    column.position(0, 0);
    return {
      widgets: column.toJson() as unknown,
      variables: this.shownVariables?.map(variable => variable.toJson() as unknown),
    };
  }
}
