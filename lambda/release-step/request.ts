import {
  idleRequest,
  versionRequest,
  type IdleRequest,
  type ReleaseInput,
  type VersionRequest,
} from '../shared/contracts';

/** What an execution works on: what it was asked, or the work of one that died, or what could be read of its input. */
export interface ReleaseRequest extends Omit<VersionRequest, 'action'> {
  readonly action: ReleaseInput['action'];
}

/** What the lock is taken for: a version's release or rollback, the end of a quarantine, sleep. */
export interface WorkRequest extends ReleaseRequest {
  readonly action: VersionRequest['action'] | IdleRequest['action'];
}

/** Whether the lock is taken for it. */
export function isWork(request: ReleaseRequest): request is WorkRequest {
  return versionRequest.shape.action.safeParse(request.action).success || isAboutSleep(request);
}

/** Stands for the version of what is asked of none. */
export const NO_VERSION = '(none)';

/** Whether nobody but an alarm asked. */
export function isAutomatic(request: Pick<ReleaseRequest, 'requestedBy'>): boolean {
  return request.requestedBy.startsWith('alarm:');
}

/** In whose name a model sleeps and wakes at its hours. */
export const BY_SCHEDULE = 'schedule:idle';

/** Whether the hours asked at which a model sleeps and wakes. */
export function isScheduled(request: Pick<ReleaseRequest, 'requestedBy'>): boolean {
  return request.requestedBy === BY_SCHEDULE;
}

/** Whether it is about sleep, and so about the version that is released, whichever that is. */
export function isAboutSleep({ action }: Pick<ReleaseRequest, 'action'>): boolean {
  return idleRequest.shape.action.safeParse(action).success;
}

/** Whether an event asked, an alarm's, an approval's or a clock's, and no person stands behind it right now. */
export function isByEvent(request: ReleaseRequest): boolean {
  return isAutomatic(request) || isScheduled(request) || typeof request.evidence?.['approvedAt'] === 'string';
}

/** Whether the version is not to shadow, and not to wait for another's shadow: only a person's word counts. */
export function skipsShadow(request: ReleaseRequest): boolean {
  return request.withoutShadow === true && !isByEvent(request);
}
