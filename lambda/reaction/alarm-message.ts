import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What CloudWatch writes to SNS when an alarm changes its state, as far as it matters here. */
const alarmMessage = z.object({
  AlarmName: z.string(),
  AlarmArn: z.string(),
  NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  StateChangeTime: z.string(),
  Trigger: z.object({ Dimensions: z.array(z.object({ name: z.string(), value: z.string() })) }),
});

/** One transition of one alarm. However often it is delivered, its id is the same. */
export interface AlarmTransition {
  /** Also the name of whatever execution it starts. */
  readonly id: string;
  readonly alarmName: string;
  /** The model that the alarm's metric is about. */
  readonly model: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** ISO 8601. */
  readonly at: string;
}

/** Reads a message; an error says what is not as CloudWatch writes it. */
export function parseAlarmMessage(text: string): AlarmTransition {
  const message = alarmMessage.parse(JSON.parse(text));
  const model = message.Trigger.Dimensions.find(dimension => dimension.name === 'Model')?.value;
  if (model === undefined) {
    throw new Error(
      `alarm '${message.AlarmName}' has no dimension 'Model', subscribe only alarms of the model's metrics to this topic`,
    );
  }
  const at = new Date(message.StateChangeTime).toISOString();
  return {
    id: alarmId(message.AlarmArn, at),
    alarmName: message.AlarmName,
    model,
    state: message.NewStateValue,
    at,
  };
}

/** Id of what is decided about an alarm that was red already, or still, when a version was activated. */
export function activationId(alarmArn: string, activatedAt: string): string {
  return alarmId(alarmArn, `activation ${activatedAt}`);
}

function alarmId(alarmArn: string, occasion: string): string {
  return `alarm-${createHash('sha256').update(`${alarmArn} ${occasion}`).digest('hex').slice(0, 32)}`;
}
