import { monitorInput } from '../shared/contracts';
import { collectStep } from './collect-step';
import { pageStep, type MonitorFailure } from './page-step';
import { monitorPlan } from './plan';
import { planStep } from './plan-step';
import type { MonitorPorts } from './ports';
import { scoreStep } from './score-step';

/** What the state machine asks for, step by step. */
export type MonitorStep =
  | { readonly step: 'plan'; readonly input: unknown }
  | { readonly step: 'collect'; readonly plan: unknown; readonly queryExecutionId: string }
  | { readonly step: 'score'; readonly plan: unknown; readonly labelQueryExecutionId: string | null }
  | ({ readonly step: 'page' } & MonitorFailure);

/** Runs one step. Each looks at nothing but its input and what is stored, so any of them may be repeated. */
export async function runMonitorStep(event: MonitorStep, ports: MonitorPorts): Promise<object> {
  switch (event.step) {
    case 'plan':
      return planStep(monitorInput.parse(event.input), ports);
    case 'collect':
      return collectStep(monitorPlan.parse(event.plan), event.queryExecutionId, ports);
    case 'score':
      return scoreStep(monitorPlan.parse(event.plan), event.labelQueryExecutionId ?? undefined, ports);
    case 'page':
      await pageStep(event, ports);
      return {};
  }
}
