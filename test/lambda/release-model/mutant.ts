import type { SweepPorts } from '../../../lambda/reaction/sweep';
import type { StepInput, StepResult } from '../../../lambda/release-step/journal';
import type { KubernetesTools } from '../../../lambda/release-step/kubernetes-target';
import type { ReleasePorts } from '../../../lambda/release-step/ports';
import type { TriggerPorts } from '../../../lambda/release-trigger/trigger';
import type { CollectorPorts } from '../../../lambda/version-collector/collect';
import type { ModelWorld } from './model-world';

/** A guard of the platform, broken: what stands between the real cores and the world. */
export interface Mutant {
  /** What holds no more. */
  readonly guard: string;
  /** Which of the sentences that always hold is broken then. */
  readonly breaks: string;
  readonly ports?: (ports: ReleasePorts, world: ModelWorld) => ReleasePorts;
  readonly step?: (run: (input: StepInput) => Promise<StepResult>, input: StepInput) => Promise<StepResult>;
  readonly reaction?: (ports: SweepPorts) => SweepPorts;
  /** Only on Kubernetes: what stands between the target and the cluster, and between the collector and it. */
  readonly kubernetes?: (tools: KubernetesTools) => KubernetesTools;
  readonly collector?: (ports: CollectorPorts) => CollectorPorts;
  readonly trigger?: (ports: TriggerPorts) => TriggerPorts;
}

/** Nothing is broken. */
export const INTACT: Mutant = { guard: 'none', breaks: 'none' };
