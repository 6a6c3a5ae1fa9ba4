import type { ResourceChange } from '../compare';
import type { Finding, Rule } from '../finding';
import type { LeafChange } from '../leaves';
import { isRecord, numberOf, shown } from '../values';

/** Settings whose one direction is less safe; by the end of their path, wherever the parameter keeps them. */
const SAFER_HIGHER = [
  'gate.minAuc',
  'gate.minImprovement',
  'guard.minIntervalSeconds',
  'guard.minNewRowsOnNewData',
  'guard.minNewRowsOnRetrain',
  'holdoutShare',
  'minLabels',
  'minSamples',
  'cooldownSeconds',
  'rollbackWindowSeconds',
  'shift.waitSeconds',
  'instanceCount',
];
const SAFER_LOWER = [
  'guard.maxRunsPerDay',
  'guard.maxLostChallengers',
  'shift.stepPercent',
  'maxRuntimeSeconds',
  'minExcess',
  'q',
];
const SAFER_ON = ['retrain', 'rollback'];

/** Words for the settings whose loss lets a bad version serve. */
const GUARDRAILS = /(^|\.)(guardrailAlarmNames|guardrails|alarms)\b/;

/** Settings of models: guardrails and gates that let more through, and every other setting that is new. */
export const modelSettings: Rule = ({ resources }) => resources.flatMap(ofParameter);

function ofParameter({ type, stack, logicalId, before, after, leaves }: ResourceChange): Finding[] {
  if (type !== 'AWS::SSM::Parameter' || before === undefined) {
    return [];
  }
  const finding = (level: Finding['level'], says: string): Finding => ({
    topic: 'release safety',
    level,
    stack,
    logicalId,
    says,
  });
  if (after === undefined) {
    const name = shown(before.Properties?.Name);
    return [finding('danger', `settings ${name} are deleted: what reads them stops`)];
  }
  if (!isRecord(before.Properties?.Value) || !isRecord(after.Properties?.Value)) {
    return [];
  }
  return leaves
    .filter(({ path }) => path.startsWith('Properties.Value'))
    .map(leaf => {
      const setting = leaf.path.replace(/^Properties\.Value\.?/, '');
      const weaker = weakening(setting, leaf);
      return weaker === undefined
        ? finding('look', `setting \`${setting}\`: ${shown(leaf.before)} → ${shown(leaf.after)}`)
        : finding('danger', `${weaker}: \`${setting}\` ${shown(leaf.before)} → ${shown(leaf.after)}`);
    });
}

function weakening(setting: string, { before, after }: LeafChange): string | undefined {
  if (GUARDRAILS.test(setting) && before !== undefined && after === undefined) {
    return 'a guardrail is removed';
  }
  const [old, now] = [numberOf(before), numberOf(after)];
  const lower = old !== undefined && (now === undefined || now < old);
  const higher = now !== undefined && old !== undefined && now > old;
  if (endsIn(setting, SAFER_HIGHER) && lower) {
    return 'less is asked for';
  }
  if (endsIn(setting, SAFER_LOWER) && (higher || (old !== undefined && now === undefined))) {
    return 'more is allowed';
  }
  if (endsIn(setting, SAFER_ON) && before === true && after !== true) {
    return 'a reaction is switched off';
  }
  if (endsIn(setting, ['shift.type']) && after === 'ALL_AT_ONCE') {
    return 'traffic moves to a new version all at once';
  }
  return endsIn(setting, ['kmsKeyArn']) && after === undefined ? 'a key is no longer used' : undefined;
}

function endsIn(setting: string, names: readonly string[]): boolean {
  return names.some(name => setting === name || setting.endsWith(`.${name}`));
}
