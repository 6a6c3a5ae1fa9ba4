import type { ReactionRecord } from '../shared/ledger';
import type { Notification } from '../shared/notify';
import type { Commands } from '../shared/release-commands';
import { SIGNAL_WORDS, type Signal } from './signal';

/** What a person may do, by what the alarm says. */
const ADVICE: Record<Signal, string[]> = {
  predictionDrift: [
    'Compare what arrives with what the version was trained on: the per-feature numbers are in the newest report.',
  ],
  quality: ['Check that the labels are right: a late or wrong label feed looks like a bad model.'],
  inputDrift: [
    'See in the newest report which features drift, and ask whoever owns their source.',
    'If the inputs are right, train on newer data: start the training pipeline by hand.',
  ],
  samples: [
    'Check whether callers send less, and whether the model server drops log lines (its metrics count them).',
    "Lower 'minSamples' or lengthen the window if this is the usual traffic.",
  ],
  heartbeat: [
    "Look at the monitor's last executions and at its schedule.",
    'Nothing watches drift and quality until it runs again; the model itself goes on serving.',
  ],
};

/** A decision as a letter. */
export function letterOf(model: string, record: ReactionRecord, commands: Commands): Notification {
  const signal = signalOf(record);
  const red = Array.isArray(record.evidence['red']) ? (record.evidence['red'] as Record<string, unknown>[]) : [];
  return {
    subject: `${model}: ${SIGNAL_WORDS[signal]}${record.decision === 'retrain' ? ', training again' : ''}`,
    what: `Alarm '${record.alarm}' went red at ${record.alarmAt}: ${record.reason}.`,
    did:
      record.decision === 'retrain'
        ? `A training run was started as '${record.id}'. What serves was not changed. The run's guard may still refuse it, and a new version waits for approval.`
        : 'Nothing that serves was changed.',
    numbers: {
      ...(record.evidence['from'] === undefined ? {} : { 'serving version': plain(record.evidence['from']) }),
      ...Object.fromEntries(
        red.map(alarm => [
          `${plain(alarm['metric'])} (threshold ${plain(alarm['threshold'])})`,
          `${plain(alarm['reason'])} [since ${plain(alarm['since'])}]`,
        ]),
      ),
    },
    youMay: [
      ...ADVICE[signal],
      ...rollBackByHand(model, record, commands),
      `The reports lie in the monitoring bucket under reports/model=${model}/; this decision is in the ledger as '${record.id}'.`,
    ],
  };
}

/** The way on that was not taken by itself: a person's own word goes past a hold and a cooldown. */
function rollBackByHand(model: string, { evidence }: ReactionRecord, commands: Commands): string[] {
  const { from, to } = evidence;
  if (typeof from !== 'string' || typeof to !== 'string') return [];
  return [`If version ${from} is at fault, roll back to version ${to}: ${commands.rollback(model, to, from)}`];
}

function signalOf(record: ReactionRecord): Signal {
  const signal = plain(record.evidence['signal']);
  return signal in SIGNAL_WORDS ? (signal as Signal) : 'heartbeat';
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}
