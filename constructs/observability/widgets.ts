import {
  AlarmStatusWidget,
  Color,
  GraphWidget,
  type GraphWidgetProps,
  type HorizontalAnnotation,
  type IAlarm,
  type IMetric,
  type IWidget,
  TextWidget,
  TextWidgetBackground,
} from 'aws-cdk-lib/aws-cloudwatch';

const GRID_WIDTH = 24;
const GRAPH_WIDTH = 8;
const GRAPH_HEIGHT = 6;
const HEADING_HEIGHT = 1;
/** Alarms that a line of the status widget has room for at full width. */
const ALARMS_OF_A_LINE = 6;

/** What a graph shows, and in which unit. */
export interface Graph {
  readonly title: string;
  /** Label of the axis: the unit in words. */
  readonly unit: string;
  readonly metrics: IMetric[];
  /** @default - none */
  readonly limits?: HorizontalAnnotation[];
  /** @default - the least value is on the axis, unlike that of counts, which begin at 0 */
  readonly min?: number;
  /** Of metrics in another unit. @default - no right axis */
  readonly right?: { readonly unit: string; readonly metrics: IMetric[] };
}

/** A third of a row. */
export function graph({ title, unit, metrics, limits, min, right }: Graph): GraphWidget {
  const props: GraphWidgetProps = {
    title,
    width: GRAPH_WIDTH,
    height: GRAPH_HEIGHT,
    left: metrics,
    leftYAxis: { label: unit, showUnits: false, min },
    leftAnnotations: limits,
    ...(right === undefined
      ? {}
      : { right: right.metrics, rightYAxis: { label: right.unit, showUnits: false, min: 0 } }),
  };
  return new GraphWidget(props);
}

/** A line that must not be crossed. */
export function limit(value: number, label: string): HorizontalAnnotation {
  return { value, label: `${label} (${value})`, color: Color.RED };
}

/** Rows under a title; nothing where there is nothing to show. */
export function section(title: string, rows: IWidget[][]): IWidget[][] {
  const filled = rows.filter(row => row.length > 0);
  return filled.length === 0 ? [] : [[text(`## ${title}`, HEADING_HEIGHT)], ...filled];
}

/** What a person reads first. */
export function introduction(markdown: string, height: number): IWidget {
  return text(markdown, height);
}

function text(markdown: string, height: number): IWidget {
  // which background is meant where none is said differs among the versions of the CDK
  return new TextWidget({ markdown, width: GRID_WIDTH, height, background: TextWidgetBackground.TRANSPARENT });
}

/** The state of each alarm. */
export function alarmStates(title: string, alarms: IAlarm[]): IWidget {
  return new AlarmStatusWidget({
    title,
    alarms,
    width: GRID_WIDTH,
    height: 1 + Math.ceil(alarms.length / ALARMS_OF_A_LINE),
  });
}
