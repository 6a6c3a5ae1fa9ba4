/** A resource of the earlier version. */
export interface EarlierResource {
  /** Id of its stack within its stage. */
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
}

/** Types whose resources a deploy may replace or delete, with the reason why nothing is lost or stops. */
const MAY_GO: Readonly<Record<string, string>> = {
  'AWS::IAM::Policy': 'rights of a role, which the role has in its new policy before the old one goes',
  'AWS::Lambda::Permission': 'who may call a function, which holds nothing',
};

/** The role that started the monitor of one model: its schedule takes the one of all models before this one goes. */
const SCHEDULE_ROLE = /^Model-rain\/SchedulerRoleForTarget\w+ \(AWS::IAM::Role\)$/;

/** Whether an upgrade may replace or delete a resource: it holds nothing, and by it nothing serves. */
export function mayGo({ stack, logicalId, type }: EarlierResource): boolean {
  return MAY_GO[type] !== undefined || SCHEDULE_ROLE.test(`${stack}/${logicalId} (${type})`);
}
