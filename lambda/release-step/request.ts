import type { ReleaseInput, VersionRequest } from '../shared/contracts';

/** What an execution works on: what it was asked, or the work of one that died, or what could be read of its input. */
export interface ReleaseRequest extends Omit<VersionRequest, 'action'> {
  readonly action: ReleaseInput['action'];
}

/** Stands for the version of what is asked of none. */
export const NO_VERSION = '(none)';

/** Whether nobody but an alarm asked. */
export function isAutomatic(request: Pick<ReleaseRequest, 'requestedBy'>): boolean {
  return request.requestedBy.startsWith('alarm:');
}

/** Whether an event asked, an alarm's or an approval's, and no person stands behind it right now. */
export function isByEvent(request: ReleaseRequest): boolean {
  return isAutomatic(request) || typeof request.evidence?.['approvedAt'] === 'string';
}

/** Whether the version is not to shadow, and not to wait for another's shadow: only a person's word counts. */
export function skipsShadow(request: ReleaseRequest): boolean {
  return request.withoutShadow === true && !isByEvent(request);
}
