import type { EnvironmentChange } from '../compare';
import { type Finding, type Rule, TOPICS } from '../finding';
import { alarms } from './alarms';
import { dataAtRisk } from './data-at-risk';
import { deletionGuards } from './deletion-guards';
import { encryption } from './encryption';
import { exportsInUse } from './exports';
import { failures } from './failures';
import { modelSettings } from './model-settings';
import { network } from './network';
import { places } from './places';
import { publicExposure } from './public-exposure';
import { quotas } from './quotas';
import { recovery } from './recovery';
import { identityRights, resourcePolicies, roleTrust } from './rights';
import { traces } from './traces';

const RULES: readonly Rule[] = [
  dataAtRisk,
  deletionGuards,
  recovery,
  places,
  publicExposure,
  resourcePolicies,
  roleTrust,
  identityRights,
  network,
  encryption,
  alarms,
  modelSettings,
  traces,
  failures,
  exportsInUse,
  quotas,
];

/** What a person must know of a change: dangers first, each kind in its order. */
export function findingsOf(change: EnvironmentChange): Finding[] {
  const rank = ({ level, topic }: Finding) => (level === 'danger' ? 0 : TOPICS.length) + TOPICS.indexOf(topic);
  return RULES.flatMap(rule => rule(change)).sort((a, b) => rank(a) - rank(b));
}
