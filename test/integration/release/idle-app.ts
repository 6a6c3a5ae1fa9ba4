/** A platform with one model that is up from seven to twenty by the clocks of UTC. */
import { Duration, TimeZone } from 'aws-cdk-lib';
import { Weekday } from '../../../constructs';
import { oneModel } from './one-model';

oneModel({
  service: {
    idle: { awake: { days: Object.values(Weekday), from: '07:00', to: '20:00', timeZone: TimeZone.ETC_UTC } },
  },
  // each look that is due is played when the clock moves on
  reconcileInterval: Duration.minutes(30),
});
