import type { Resource, SynthesisedStack } from './platform';

/** A metric as a widget shows it. */
export interface ShownMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: string;
  readonly period: number;
  readonly region?: string;
  readonly yAxis: 'left' | 'right';
}

interface Axis {
  readonly label?: string;
}

/** A widget of a dashboard's body. */
export interface Widget {
  readonly type: 'metric' | 'text' | 'alarm';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly alarms?: string[];
    readonly metrics?: unknown[][];
    readonly yAxis?: { readonly left?: Axis; readonly right?: Axis };
    readonly annotations?: { readonly horizontal?: { readonly value: number; readonly label: string }[] };
  };
}

/** A dashboard of a template. */
export interface SynthesisedDashboard {
  readonly name: string;
  readonly body: string;
  readonly widgets: Widget[];
}

/** The dashboards of a stack; what only a deploy knows stands in them by the logical id or the output that it comes from. */
export function dashboardsOf({ resources }: Pick<SynthesisedStack, 'resources'>): SynthesisedDashboard[] {
  return Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard')
    .map(({ Properties }) => {
      const body = named(Properties.DashboardBody);
      return {
        name: String(Properties.DashboardName),
        body,
        widgets: (JSON.parse(body) as { widgets: Widget[] }).widgets,
      };
    });
}

/** The metrics of a widget. */
export function metricsOf({ properties: { metrics } }: Widget): ShownMetric[] {
  return (metrics ?? []).map(row => {
    const last = row.at(-1);
    const options = typeof last === 'object' ? (last as Record<string, unknown>) : {};
    const [namespace, metricName, ...dimensions] = row.filter(part => typeof part === 'string');
    return {
      namespace,
      metricName,
      dimensions: Object.fromEntries(
        dimensions.flatMap((name, at) => (at % 2 === 0 ? [[name, dimensions[at + 1]] as const] : [])),
      ),
      // CloudWatch's own where a widget says nothing
      stat: String(options.stat ?? 'Average'),
      period: Number(options.period ?? 300),
      region: options.region as string | undefined,
      yAxis: options.yAxis === 'right' ? 'right' : 'left',
    };
  });
}

/** Names in the place of references: `named({ Ref: 'Queue' })` is `Queue`. */
export function named(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[intrinsic, argument] = ['', '']] = Object.entries(value);
  switch (intrinsic) {
    case 'Ref':
      return argument === 'AWS::Region' ? 'us-east-1' : String(argument);
    case 'Fn::GetAtt':
      return String((argument as string[])[0]);
    case 'Fn::GetStackOutput':
      return (argument as { OutputName: string }).OutputName;
    case 'Fn::Join':
      return (argument as [string, unknown[]])[1].map(named).join('');
    default:
      throw new Error(`'${intrinsic}' in a dashboard, must be a reference that 'test/support/dashboards.ts' knows`);
  }
}

/** The alarms of a stack. */
export function alarmsOf({ resources }: Pick<SynthesisedStack, 'resources'>): [string, Resource['Properties']][] {
  return Object.entries(resources)
    .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
    .map(([id, { Properties }]) => [id, Properties]);
}
