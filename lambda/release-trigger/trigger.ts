import type { ReleaseInput } from '../shared/contracts';
import { approvedVersion, releaseRequest, type ApprovedPackage, type PackageEvent } from './approval';

/** Everything outside of the trigger. */
export interface TriggerPorts {
  describe(arn: string): Promise<ApprovedPackage>;
  /** Rejects with `ExecutionAlreadyExists` for a name that was used already. */
  start(name: string, input: ReleaseInput): Promise<void>;
}

/** Starts the release that an approval asks for, once, however often its event comes. Tells what it did. */
export async function trigger(event: PackageEvent, environmentName: string, ports: TriggerPorts): Promise<string> {
  const approved = approvedVersion(event, environmentName);
  if ('ignored' in approved) return `ignored: ${approved.ignored}`;
  const request = releaseRequest(event, approved, await ports.describe(approved.arn));
  try {
    await ports.start(request.name, request.input);
    return `started '${request.name}'`;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionAlreadyExists') {
      return `already started '${request.name}'`;
    }
    throw error;
  }
}
