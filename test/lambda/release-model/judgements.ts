import type { StepInput, StepResult } from '../../../lambda/release-step/journal';
import type { VersionRequest } from '../../../lambda/shared/contracts';
import type { LedgerState } from '../../../lambda/shared/ledger';
import { COOLDOWN_SECONDS } from '../release-step/support/world';
import type { ModelWorld, Sight } from './model-world';

/** Keeps an eye on what is judged before a version serves: whether it is whole, and what callers send. */
export class Judgements {
  /** What the world was like when each execution began to judge. */
  private readonly judgedBy = new Map<string, Sight>();

  constructor(
    private readonly world: ModelWorld,
    private readonly broken: string[],
  ) {}

  public stepped(input: StepInput, { kind, journal }: StepResult, before: Sight): void {
    if (input.step !== 'eligible') return;
    if (kind === 'eligible') this.judgedBy.set(input.execution, before);
    if (['eligible', 'refused', 'astray'].includes(kind)) {
      this.wayBack(input, kind === 'eligible' ? journal : undefined, before);
    }
  }

  /** A version that does not serve yet gets traffic, or copies of it. */
  public moved(version: string): void {
    const { world } = this;
    const before = this.judgedBy.get(world.actor);
    const lost = before?.lost.get(version) ?? [];
    if (before === undefined) this.broken.push(`whole: version ${version} was never judged`);
    if (lost.length > 0)
      this.broken.push(`whole: version ${version} had lost its ${lost.join(' and ')} when it was judged`);
    const { request, journal } = world.input ?? {};
    const { action, evidence } = journal?.takenOver?.request ?? (request as VersionRequest);
    if (action === 'release' && evidence?.approvedAt !== undefined) this.spared(version);
  }

  /** What callers send is what the version that serves takes; nobody knows that whose baseline is lost. */
  private spared(version: string): void {
    const { world } = this;
    const { current } = world.state();
    if (current === undefined || world.lost(current).includes('baseline')) return;
    const [sent, needed] = [world.features(current), world.features(version)];
    if (needed > sent) {
      this.broken.push(
        `callers: an approval makes version ${version} serve, which needs ${needed} features of ${sent}`,
      );
    }
  }

  /** A rollback that may be done is done, whatever callers send, and to the first version that may serve. */
  private wayBack({ request, journal }: StepInput, judged: StepResult['journal'] | undefined, before: Sight): void {
    const { action, version, from, requestedBy } = request as VersionRequest;
    if (action !== 'rollback' || journal?.takenOver !== undefined || this.changedSince(before)) return;
    const { current } = before.state;
    if (version === current || (from ?? current) !== current) return;
    const automatic = requestedBy.startsWith('alarm:');
    if (automatic && (from === undefined || isHeld(before) || coolsDown(before))) return;

    const best = candidates(version, automatic, before.state).find(one => maySucceed(one, before));
    if (best === undefined) return;
    const chosen = judged === undefined ? 'none' : (judged.chosen ?? version);
    if (chosen !== best)
      this.broken.push(`way back: the rollback to ${version} chose ${chosen}, and could go to ${best}`);
  }

  /** Whether others did something that bears on a rollback while it was judged. */
  private changedSince({ packages, lost, hold }: Sight): boolean {
    const { world } = this;
    return (
      hold !== world.hold() ||
      [...packages].some(
        ([version, packaged]) =>
          world.packages.get(version) !== packaged || world.lost(version).length !== lost.get(version)?.length,
      )
    );
  }
}

/** An alarm wants any version that was healthy, a person the one that was named. */
function candidates(version: string, automatic: boolean, { healthy, current }: LedgerState): string[] {
  const others = healthy.filter(other => other !== version && other !== current);
  return automatic && healthy.includes(version) ? [version, ...others] : [version];
}

function maySucceed(version: string, { state, packages, versions, lost }: Sight): boolean {
  return (
    state.healthy.includes(version) &&
    versions.get(version)?.status === 'healthy' &&
    packages.get(version)?.approval === 'Approved' &&
    lost.get(version)?.length === 0
  );
}

function isHeld({ hold, now }: Sight): boolean {
  return hold?.hold !== undefined && Date.parse(hold.hold.until) > now;
}

function coolsDown({ state: { lastAutomaticRollbackAt: last }, now }: Sight): boolean {
  return last !== undefined && Date.parse(last) + COOLDOWN_SECONDS * 1000 > now;
}
