/** An object as Kubernetes takes it. */
export type Manifest = Record<string, unknown>;
