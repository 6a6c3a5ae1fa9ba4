import type { AnyServingSettings } from '../lambda/shared/contracts';
import { rollbackTarget, type LedgerState } from '../lambda/shared/ledger';
import { WHY } from '../lambda/shared/release-commands';
import { AmbiguousError, NotThereError } from './errors';
import type { Platform } from './ports';

/**
 * The version to which a rollback goes that names none: the last healthy one before what serves.
 *
 * Where the endpoint serves something else than the ledger says, only a person knows which of the two is bad. A rollback
 * leaves the version of the ledger behind and quarantines it, and that may be the good one, to which a failed release did
 * not find back.
 */
export async function wayBack(platform: Platform, state: LedgerState, settings: AnyServingSettings): Promise<string> {
  const { model, current, asleep } = state;
  const before = current === undefined ? undefined : rollbackTarget(state, current);
  // while a release moves the endpoint, neither is the last word; the request waits for it
  if (current !== undefined && asleep === undefined && state.underway === undefined) {
    const { version, status, unknown } = await platform.servingNow(settings);
    if (unknown !== true && version !== current) {
      throw new AmbiguousError(
        [
          `the ledger says that version ${current} of '${model}' serves, but ${version === undefined ? 'nothing that a release made' : `version ${version}`} does (${status}): say with '--to' which version is to serve`,
          ...choice(platform, model, current, `brings version ${current} back; nothing is quarantined`),
          ...(before === undefined
            ? []
            : choice(platform, model, before, `leaves version ${current} behind too: it is rejected and quarantined`)),
        ].join('\n'),
      );
    }
  }
  if (before !== undefined) return before;
  throw new NotThereError(
    `there is nothing to roll '${model}' back to: no other version was ever healthy in '${platform.environmentName}'; approve a version that you trust, which releases it`,
  );
}

function choice({ environmentName }: Platform, model: string, version: string, what: string): string[] {
  return [
    `  npx mlops rollback ${model} --to ${version} --environment ${environmentName} --reason '${WHY}'`,
    `    ${what}`,
  ];
}
