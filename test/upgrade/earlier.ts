import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { SynthesisedStack } from '../../review/canonical';

/** All environments as an earlier version made them; `npm run upgrade:fixture` keeps them. */
export interface Earlier {
  /** Commit of that version. */
  readonly commit: string;
  /** Text of each environment's file then. */
  readonly files: Readonly<Record<string, string>>;
  readonly stacks: Readonly<Record<string, readonly SynthesisedStack[]>>;
}

export const EARLIER = JSON.parse(gunzipSync(readFileSync(join(__dirname, 'earlier.json.gz'))).toString()) as Earlier;
