import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';

/**
 * The bundle of a function, found by walking up from this file: `assets/` lies at the root of the repository and of
 * the installed package alike, whether this file runs from `constructs/`, from `dist/constructs/` or in the bundle of an app.
 */
export function functionCode(functionName: string): Code {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const bundle = join(folder, 'assets', 'lambda', functionName);
    if (existsSync(join(bundle, 'index.js'))) {
      return Code.fromAsset(bundle);
    }
    if (folder === dirname(folder)) {
      throw new Error(
        `bundle of function '${functionName}' not found in 'assets/lambda' above ${__dirname}, run 'npm run bundle' first`,
      );
    }
  }
}
