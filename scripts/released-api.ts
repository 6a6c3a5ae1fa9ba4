import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Where `npm run api:baseline` keeps the public API. */
export const BASELINE = 'releases/api.json.gz';

/**
 * The public API of the last release, as JSON: the one in its tag, which no commit can write anew. The file of the working
 * tree counts before the first release alone, and where there is no git.
 */
export function releasedApi(root: string): string {
  const git = (...args: string[]) => {
    const { status, stdout } = spawnSync('git', args, { cwd: root });
    return status === 0 ? stdout : undefined;
  };
  const tag = git('describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*')?.toString().trim();
  const atTag = tag === undefined ? undefined : git('show', `${tag}:./${BASELINE}`);
  if (tag !== undefined && atTag === undefined) {
    throw new Error(
      `tag '${tag}' has no '${BASELINE}', must have one: run 'npm run api:baseline' before a release is tagged`,
    );
  }
  if (tag === undefined && git('rev-parse', '--is-shallow-repository')?.toString().trim() === 'true') {
    throw new Error(
      'the clone is shallow and has no tag of a release, must have them: fetch the whole history with its tags',
    );
  }
  return gunzipSync(atTag ?? readFileSync(join(root, BASELINE))).toString();
}
