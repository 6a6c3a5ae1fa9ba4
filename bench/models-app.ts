/** `models-app.ts COUNT`: a platform with so many models as they are by default, which are looked at once an hour. */
import { App, Duration } from 'aws-cdk-lib';
import { BenchModel, BenchPlatform } from './bench-platform';
import { modelNames } from './model-names';

const platform = new BenchPlatform(new App(), { lookInterval: Duration.hours(1) });
for (const name of modelNames(Number(process.argv.at(2)))) new BenchModel(platform, name);
