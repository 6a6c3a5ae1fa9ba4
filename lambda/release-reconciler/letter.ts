import type { Notification } from '../shared/notify';
import type { Commands } from '../shared/release-commands';
import type { Drift } from './drift';

/** Tells a person that something else serves than the ledger says. */
export function driftLetter(model: string, drift: Drift, commands: Commands): Notification {
  const { current, asleep, serves } = drift;
  const should =
    current === undefined
      ? 'no version was ever released'
      : `version ${current} should ${asleep === true ? 'sleep' : 'serve'}`;
  return {
    subject: `${model}: what serves is not what was released`,
    what: `By the ledger ${should}, but what serves is ${serves}. No release is under way: somebody moved it, or a way back that failed left it so, of which a letter told.`,
    did: 'Nothing was moved: whoever did this may be at work on an outage right now. Alarms and rollbacks go on as if the ledger were right, so do not leave it so.',
    youMay: [
      'Find out who did it: of an endpoint, AWS CloudTrail has each UpdateEndpoint, UpdateEndpointWeightsAndCapacities and DeleteEndpoint with its caller; of a model on EKS, the audit log of the control plane has who wrote its route or Service.',
      `Keep approvals and alarms from moving it while somebody is at work: ${commands.hold(model)}`,
      ...(asleep === true
        ? [
            `It is meant to be up: wake it, and the released version serves: ${commands.wake(model)}`,
            'It is not: take it away, since it costs by the hour.',
          ]
        : []),
      ...(current === undefined || asleep === true
        ? []
        : [
            // not by a release, which would take its time and heed alarms while something else serves
            `Nobody means it: bring version ${current} back, at once: ${commands.rollback(model, current, current)}`,
          ]),
      ...(current === undefined || asleep === true
        ? []
        : [
            `It is meant, since version ${current} is bad: roll back to what serves, if that was healthy here, which quarantines version ${current}.`,
          ]),
      'It is meant otherwise: release what serves, if it is an approved version, so that alarms and rollbacks speak of it.',
    ],
  };
}
