/** `rollback-app.ts cold|warm`: a platform with one watched model, whose version before is cold or stays warm. */
import { App, Duration } from 'aws-cdk-lib';
import { BenchModel, BenchPlatform } from './bench-platform';

const platform = new BenchPlatform(new App());
new BenchModel(platform, 'rain', {
  window: Duration.minutes(5),
  // one rollback follows the other
  cooldown: Duration.minutes(1),
  warmStandby: process.argv.at(2) === 'warm' ? Duration.hours(72) : undefined,
});
