/**
 * `plain-app.ts ASSEMBLY`: the resources of an assembly's templates once more, in stacks of the same names: each is the CDK's
 * own L1 class of its type, with the same properties and references, and nothing stands above it.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';

const SUFFIX = '.template.json';

const app = new App();
const assembly = String(process.argv.at(2));
const folder = mkdtempSync(join(tmpdir(), 'mlops-plain-'));
const files = readdirSync(assembly, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith(SUFFIX));
for (const [index, file] of files.entries()) {
  const templateFile = join(folder, `${index}.json`);
  writeFileSync(templateFile, includable(readFileSync(join(assembly, file), 'utf8')));
  new CfnInclude(new Stack(app, basename(file, SUFFIX)), 'Template', { templateFile });
}
app.synth();
rmSync(folder, { recursive: true });

/** The template without what each stack brings itself, and without the one function that CfnInclude does not know. */
function includable(text: string): string {
  const template = JSON.parse(text.replaceAll('Fn::GetStackOutput', 'Fn::ImportValue')) as {
    Rules?: object;
    Parameters?: Record<string, object>;
  };
  delete template.Rules;
  delete template.Parameters?.BootstrapVersion;
  return JSON.stringify(template);
}
