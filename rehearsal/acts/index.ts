import type { Act } from '../stage/act';
import { deploy } from './01-deploy';
import { landData } from './02-land-data';
import { train } from './03-train';
import { release } from './04-release';
import { liveTraffic } from './05-traffic';
import { badVersion } from './06-bad-version';
import { rollbackSurvives } from './07-rollback-survives';
import { staysOut } from './08-stays-out';
import { promotion } from './09-promotion';
import { worldChanges } from './10-world-changes';
import { tearDown } from './11-tear-down';

/** A model's whole life, in the order in which it is lived. */
export const ACTS: readonly Act[] = [
  deploy,
  landData,
  train,
  release,
  liveTraffic,
  badVersion,
  rollbackSurvives,
  staysOut,
  promotion,
  worldChanges,
  tearDown,
];
