import type { Construct } from 'constructs';

/** Makes a value for a construct that is made next: what the value's class refuses begins with that construct's path. */
export function refusedAt<T>(scope: Construct, id: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof Error ? new Error(`${scope.node.path}/${id}: ${error.message}`, { cause: error }) : error;
  }
}
