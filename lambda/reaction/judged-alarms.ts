import type { ReactionPorts } from './ports';
import { MODEL_SIGNALS, type Alarms, type JudgedAlarm, type Signal } from './signal';
import type { AlarmRule } from './windows';

/** Windows that are read of before an alarm could speak of the serving version: what it looks at, and once more. */
const lookedBack = ({ evaluationWindows, periodSeconds }: AlarmRule): number =>
  2 * evaluationWindows * periodSeconds * 1000;

/** All alarms of a model as they are now, the red ones of the model itself with the windows they went red about. */
export async function judgedAlarms(
  names: Record<Signal, string>,
  activatedAt: string | undefined,
  ports: Pick<ReactionPorts, 'alarms' | 'windows'>,
): Promise<Alarms> {
  const found = await ports.alarms(Object.values(names));
  const judged = await Promise.all(
    (Object.keys(names) as Signal[]).map(async (signal): Promise<[Signal, JudgedAlarm][]> => {
      const alarm = found.find(({ name }) => name === names[signal]);
      if (alarm === undefined) return [];
      if (!alarm.red || !MODEL_SIGNALS.includes(signal)) return [[signal, { ...alarm, windows: [] }]];
      const spoke = Math.max(Date.parse(alarm.changedAt), Date.parse(activatedAt ?? alarm.changedAt));
      const windows = await ports.windows(alarm, new Date(spoke - lookedBack(alarm.rule)));
      return [[signal, { ...alarm, windows }]];
    }),
  );
  return Object.fromEntries(judged.flat());
}
