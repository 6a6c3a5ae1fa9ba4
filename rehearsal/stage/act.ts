import type { Scene } from './scene';
import type { RehearsalTarget } from './target';

/** Facts that an act saw, by a short name; anything that JSON can hold. */
export type Evidence = Readonly<Record<string, unknown>>;

/** One act of a model's life: it does something as a user would, and asserts what it claims. */
export interface Act {
  readonly id: number;
  readonly name: string;
  /** The only target in whose rehearsal it is played. */
  readonly only?: RehearsalTarget['name'];
  /** Plays the act; what it gives back is the evidence in the report. */
  play(scene: Scene): Promise<Evidence>;
}
