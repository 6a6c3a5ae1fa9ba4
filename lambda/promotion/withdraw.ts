import { rollbackTarget, type LedgerState, type PromotionRecord } from '../shared/ledger';
import { toPaste } from '../shared/notify';
import type { Commands } from '../shared/release-commands';
import { WHY } from '../shared/release-commands';
import type { Asked, SourceEnvironment } from './event';
import type { Ports } from './ports';
import type { Outcome } from './promote';

/**
 * Tells that a version was rejected where it came from. Nothing is rolled back: what was bad there, with other callers and
 * other data, may well do here, and a person weighs that.
 */
export async function withdraw(
  asked: Asked,
  from: SourceEnvironment,
  commands: Commands,
  ports: Ports,
): Promise<Outcome> {
  const { model } = asked;
  const promoted = await ports.ledger.promotion(model, from.environmentName, asked.version);
  if (promoted === undefined) return { outcome: 'ignored', detail: `'${asked.arn}' was never promoted here` };
  const described = await ports.source.describe(asked.arn);
  if (described?.ModelApprovalStatus === 'Approved') {
    return { outcome: 'ignored', detail: `'${asked.arn}' is Approved again by now` };
  }
  const state = await ports.ledger.state(model);
  const { version } = promoted;
  const serves = state.current === version;
  await ports.tell({
    subject: `${model}: version ${version} was REJECTED in ${from.environmentName}, from where it came`,
    what: `Version ${asked.version} of '${from.environmentName}' is ${described?.ModelApprovalStatus ?? 'deleted'} there: ${described?.ApprovalDescription ?? 'no reason given'}. Here it is version ${version}, which ${serves ? 'SERVES' : 'does not serve'}.`,
    did: 'Nothing: nothing here was rolled back or rejected.',
    youMay: [...wayBack(model, promoted, state, commands), ...keepOut(promoted, serves)],
  });
  return { outcome: 'told', detail: `version ${version} ${serves ? 'serves' : 'does not serve'} here`, version };
}

function wayBack(model: string, { version }: PromotionRecord, state: LedgerState, commands: Commands): string[] {
  if (state.current !== version) return [];
  const target = rollbackTarget(state, version);
  return target === undefined
    ? ['No other version was ever healthy here: approve one that you trust, which releases it.']
    : [`Roll back, which quarantines it: ${commands.rollback(model, target, version)}`];
}

function keepOut({ modelPackageArn }: PromotionRecord, serves: boolean): string[] {
  if (serves) return [];
  return [
    `Reject it here too, so that nobody releases it: ${toPaste(`aws sagemaker update-model-package --model-package-arn ${modelPackageArn} --model-approval-status Rejected --approval-description '${WHY}'`)}`,
  ];
}
