import type { RequestContext } from './names';

/** Carries out one operation. The input was checked against the service model before, so each takes its own shape. */
export type Operation = (input: never, context: RequestContext) => object | Promise<object>;

/** Operations of one resource family by their AWS names. */
export type Operations = Readonly<Record<string, Operation>>;
