import type { ReactionRecord } from '../shared/ledger';
import type { Notification } from '../shared/notify';
import { redAlarmNumbers } from '../shared/red-alarms';
import type { Commands } from '../shared/release-commands';
import { SIGNAL_WORDS, type Signal } from './signal';

/** What a person may do, by what the alarm says. */
const ADVICE: Record<Signal, string[]> = {
  predictionDrift: [
    'Compare what arrives with what the version was trained on: the numbers of each feature are in the newest report.',
  ],
  quality: ['Check that the labels are right: a late or wrong label feed looks like a bad model.'],
  inputDrift: [
    'See in the newest report which features drift, and ask whoever owns their source.',
    'If the inputs are right, train on newer data: start the training pipeline by hand, as the runbook says.',
  ],
  samples: [
    'Check whether callers send less, and whether the model server drops log lines (its metrics count them).',
    "If this is the usual traffic, lower 'minSamples' or lengthen the window of the model's monitor.",
  ],
  heartbeat: [
    "Look at the last executions of the monitor's state machine, and whether its schedule is on.",
    'Nothing watches drift and quality until it runs again; the model itself goes on serving.',
  ],
};

/** A decision as a letter. */
export function letterOf(model: string, record: ReactionRecord, commands: Commands): Notification {
  const signal = signalOf(record);
  const { from } = record.evidence;
  return {
    subject: `${model}: ${SIGNAL_WORDS[signal]}${record.decision === 'retrain' ? ', training again' : ', please look'}`,
    what: `Alarm '${record.alarm}' went red at ${record.alarmAt}: ${record.reason.replace(/\.+$/, '')}.`,
    did:
      record.decision === 'retrain'
        ? `A training run was started as '${record.id}'. What serves was not changed. The run's guard may still refuse it, and a new version waits for approval.`
        : 'Nothing: what serves was not changed, and whether it should be is for a person to say.',
    numbers: {
      ...(from === undefined ? {} : { 'serving version': plain(from) }),
      ...redAlarmNumbers(record.evidence['red']),
    },
    youMay: [
      ...ADVICE[signal],
      ...rollBackByHand(model, record, commands),
      `See what serves and what is red: ${commands.status(model)}`,
      `Read the whole decision: ${commands.explain(record.id)}`,
      `The reports lie in the monitoring bucket under reports/model=${model}/.`,
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
