import { type Duration, Lazy, Stack } from 'aws-cdk-lib';
import { type CfnDashboard, Column, Dashboard, type IVariable, type IWidget, Row } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { jsonText } from '../private/json-text';

/** Settings of such a dashboard. */
export interface TextDashboardProps {
  readonly dashboardName: string;
  /** How much of the past it shows when it is opened. */
  readonly defaultInterval: Duration;
  /** Rows of widgets; a longer one breaks. */
  readonly widgets: IWidget[][];
}

/**
 * The CDK's dashboard with the same body, written once: the CDK's own resolves all of a body three times in a synth, which
 * for a dashboard a model was a fifth of what a model took.
 */
export class TextDashboard extends Dashboard {
  private readonly shownRows: IWidget[] = [];
  private readonly shownVariables: IVariable[] = [];

  constructor(scope: Construct, id: string, props: TextDashboardProps) {
    const { dashboardName, defaultInterval, widgets } = props;
    // the widgets come after the fields that keep them
    super(scope, id, { dashboardName, defaultInterval });
    (this.node.defaultChild as CfnDashboard).dashboardBody = Lazy.string({ produce: () => this.body(defaultInterval) });
    for (const row of widgets) this.addWidgets(...row);
  }

  public override addWidgets(...widgets: IWidget[]): void {
    super.addWidgets(...widgets);
    if (widgets.length > 0) this.shownRows.push(new Row(...widgets));
  }

  public override addVariable(variable: IVariable): void {
    super.addVariable(variable);
    this.shownVariables.push(variable);
  }

  private body(defaultInterval: Duration): string {
    const column = new Column(...this.shownRows);
    column.position(0, 0);
    const variables = this.shownVariables.map(variable => variable.toJson() as unknown);
    return jsonText(Stack.of(this), {
      start: `-${defaultInterval.toIsoString()}`,
      widgets: column.toJson(),
      variables: variables.length > 0 ? variables : undefined,
    });
  }
}
