import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { createPlatform } from '../../lib/platform';
import { EVERYTHING } from '../support/platform';

const ROOT = join(__dirname, '..', '..');

test.each(['dev', 'full', 'local', 'localb', 'localeks', 'prod', 'staging'])(
  'whatever cdk-nag finds in %s fails its synth',
  environment => {
    // GIVEN
    const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as {
      context: Record<string, unknown>;
    };
    const app = new App({ context });
    const [stage] = createPlatform(app, {
      root: environment === 'full' ? EVERYTHING : ROOT,
      environmentNames: [environment],
    });

    // WHEN
    new Bucket(stage.node.findChild('Data'), 'Bare');

    // THEN
    expect(() => app.synth()).toThrow(new RegExp(`${environment}/Data/Bare/Resource(.|\\n)*AwsSolutions-S`));
  },
);
