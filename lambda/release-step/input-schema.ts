import type { Column, ModelSchema } from '../shared/contracts';

/** What callers meet who go on sending what the serving version takes when another one answers. */
export interface SchemaChange {
  /** Requests that would be refused, however they name their features; nothing if there are none. */
  readonly breaks: readonly string[];
  /** What changes for callers who send features by position, as CSV or as a matrix. */
  readonly byPosition: readonly string[];
}

/**
 * Compares what the serving version takes, which is what callers send, with what another one takes.
 *
 * The other one may need no feature that they do not send, must know each under its type, and take empty values where
 * those were taken. A feature that it needs no more is sent in vain, which does no harm by name. Ranges are none of it: a
 * model answers values that it was not trained on.
 */
export function compareSchemas(serving: ModelSchema, wanted: ModelSchema): SchemaChange {
  const breaks = wanted.features.flatMap(feature => {
    const sent = serving.features.find(({ name }) => name === feature.name);
    if (sent === undefined) return feature.nullable ? [] : [`'${feature.name}' is not sent, and must not be empty`];
    return [
      ...(takes(feature, sent) ? [] : [`'${feature.name}' is sent as ${sent.type}, and must be ${feature.type}`]),
      ...(sent.nullable && !feature.nullable ? [`'${feature.name}' is sent empty at times, and must not be`] : []),
    ];
  });
  return { breaks, byPosition: movedColumns(serving, wanted) };
}

function movedColumns({ features: sent }: ModelSchema, { features: wanted }: ModelSchema): string[] {
  if (sent.length !== wanted.length) {
    return [`rows sent by position (CSV, matrices) had ${sent.length} values, and must have ${wanted.length}`];
  }
  const moved = wanted.filter(({ name }, index) => sent[index]?.name !== name);
  if (moved.length === 0) return [];
  return [
    `rows sent by position (CSV, matrices) are read otherwise: ${moved.map(({ name }) => `'${name}'`).join(', ')} moved`,
  ];
}

/** Every whole number is a number. */
function takes(wanted: Column, sent: Column): boolean {
  return wanted.type === sent.type || (wanted.type === 'double' && sent.type === 'bigint');
}
