import type { StepInput, StepResult } from '../../../lambda/release-step/journal';
import type { ReleasePorts } from '../../../lambda/release-step/ports';
import type { HoldState } from '../../../lambda/shared/ledger';
import { MODEL, World } from '../release-step/support/world';
import { nameOf } from './names';
import type { Mutant } from './mutant';

/** Waits for its turn like a call to the outside. */
export const STEP_BEGINS = 'a step begins';

/** The world of the release steps, which remembers who was told, and behind which a guard may be broken. */
export class ModelWorld extends World {
  /** The step that runs. */
  public input: StepInput | undefined;
  /** Names of the executions of whose end a person was told. */
  public readonly told = new Set<string>();

  /** Looks at each step that came to a result, with the hold that stood when it began. */
  public stepped: (input: StepInput, result: StepResult, held: HoldState | undefined) => void = () => undefined;

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
    const held = this.holds.get(MODEL);
    const run = async (given: StepInput): Promise<StepResult> => (await super.step(given)) as StepResult;
    const result = await (this.mutant.step?.(run, stepInput) ?? run(stepInput));
    this.stepped(stepInput, result, held);
    return result;
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
