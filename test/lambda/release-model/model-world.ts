import type { StepInput, StepResult } from '../../../lambda/release-step/journal';
import type { PackagedVersion, ReleasePorts } from '../../../lambda/release-step/ports';
import type { HoldState, LedgerState, VersionRecord } from '../../../lambda/shared/ledger';
import { MODEL, SCHEMA, World, type Nature } from '../release-step/support/world';
import { BELONGINGS, USUAL_FEATURES, type Belonging } from './belongings';
import { nameOf } from './names';
import type { Mutant } from './mutant';

/** Waits for its turn like a call to the outside. */
export const STEP_BEGINS = 'a step begins';

/** What a step may find when it begins. */
export interface Sight {
  readonly now: number;
  readonly hold: HoldState | undefined;
  readonly state: LedgerState;
  readonly versions: ReadonlyMap<string, VersionRecord>;
  readonly packages: ReadonlyMap<string, PackagedVersion>;
  /** What each version has lost. */
  readonly lost: ReadonlyMap<string, readonly Belonging[]>;
}

/**
 * The world of the release steps, whose versions have all that a version may have. It remembers who was told, and a guard
 * may be broken in it.
 */
export class ModelWorld extends World {
  /** The step that runs. */
  public input: StepInput | undefined;
  /** Names of the executions of whose end a person was told. */
  public readonly told = new Set<string>();

  private readonly needed = new Map<string, number>();

  /** Looks at each step that came to a result, with what it may have found when it began. */
  public stepped: (input: StepInput, result: StepResult, before: Sight) => void = () => undefined;

  constructor(private readonly mutant: Mutant) {
    super((ports, world) => {
      const self = world as ModelWorld;
      return mutant.ports?.(self.listening(ports), self) ?? self.listening(ports);
    });
  }

  public override async step(input: unknown): Promise<unknown> {
    const stepInput = input as StepInput;
    await this.turn(STEP_BEGINS);
    this.input = stepInput;
    const before = this.sight();
    const run = async (given: StepInput): Promise<StepResult> => (await super.step(given)) as StepResult;
    const result = await (this.mutant.step?.(run, stepInput) ?? run(stepInput));
    this.stepped(stepInput, result, before);
    return result;
  }

  public override register(version: string, nature?: Nature, features = USUAL_FEATURES): void {
    super.register(version, nature);
    const image = `server@sha256:${version}`;
    this.setImage(version, image);
    this.images.set(image, { state: 'found', digest: `sha256:${version}` });
    const [feature] = SCHEMA.features;
    this.needed.set(version, features);
    this.giveSchema(version, {
      ...SCHEMA,
      features: Array.from({ length: features }, (_, index) => ({ ...feature, name: `feature_${index}` })),
    });
  }

  /** A version loses something for good. */
  public lose(version: string, what: Belonging): void {
    this.keeper(what).delete(this.uri(version, what));
  }

  /** What a version has lost. */
  public lost(version: string): Belonging[] {
    return BELONGINGS.filter(what => !this.keeper(what).has(this.uri(version, what)));
  }

  /** How many features a version needs; one that needs more needs all that one needs with fewer. */
  public features(version: string): number {
    return this.needed.get(version) ?? 0;
  }

  public hold(): HoldState | undefined {
    return this.holds.get(MODEL);
  }

  private sight(): Sight {
    return {
      now: this.now,
      hold: this.hold(),
      state: this.state(),
      versions: new Map(this.versions),
      packages: new Map(this.packages),
      lost: new Map([...this.packages.keys()].map(version => [version, this.lost(version)])),
    };
  }

  private keeper(what: Belonging): Map<string, unknown> {
    return { artifact: this.artifacts, image: this.images, baseline: this.schemas }[what];
  }

  private uri(version: string, what: Belonging): string {
    const { artifactUri, image, baselineUri = '' } = this.packages.get(version) ?? { artifactUri: '', image: '' };
    return { artifact: artifactUri, image, baseline: baselineUri }[what];
  }

  private listening(ports: ReleasePorts): ReleasePorts {
    return {
      ...ports,
      notifier: {
        tell: async notification => {
          await ports.notifier.tell(notification);
          this.told.add(nameOf(this.actor));
        },
      },
    };
  }
}
