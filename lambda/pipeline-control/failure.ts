/** Longest reason that is kept: room for a process's last lines, within what a notification and a record may hold. */
export const MAX_REASON = 4000;

/** Fields in which services tell why, the most telling first: SageMaker's jobs, then a Lambda function's error. */
const TELLING_FIELDS = ['FailureReason', 'ExitMessage', 'errorMessage'];

/**
 * Why a state failed, in words: a state's cause is JSON where a job or a function failed, and in it lie the last lines
 * of the process.
 */
export function failureReason(error: string | undefined, cause: string | undefined): string {
  const told = tellingField(cause) ?? cause ?? '';
  const text = told.trim() === '' ? 'no cause was given' : told.trim();
  const reason = error === undefined ? text : `${error}: ${text}`;
  // the end of a process's output tells more than its beginning
  return reason.length <= MAX_REASON ? reason : `${reason.slice(0, 200)} … ${reason.slice(-(MAX_REASON - 203))}`;
}

function tellingField(cause: string | undefined): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(cause ?? '');
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const fields = parsed as Record<string, unknown>;
  const field = TELLING_FIELDS.map(name => fields[name]).find(value => typeof value === 'string' && value !== '');
  return typeof field === 'string' ? field : undefined;
}
