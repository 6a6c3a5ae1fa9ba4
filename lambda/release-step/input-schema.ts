import type { Column, ModelSchema } from '../shared/contracts';

/**
 * Why requests that one version answers could not be answered by another, in words; nothing if all of them can.
 *
 * Callers send what the serving version takes, and go on with it after a release. So the other one may need no feature
 * that they do not send, know each under its type, and take empty values where those were taken. A feature that it
 * needs no more is sent in vain, which does no harm. Ranges are none of it: a model answers values that it was not
 * trained on.
 */
export function schemaProblems(serving: ModelSchema, wanted: ModelSchema): string[] {
  return wanted.features.flatMap(feature => {
    const sent = serving.features.find(({ name }) => name === feature.name);
    if (sent === undefined) return feature.nullable ? [] : [`'${feature.name}' is not sent, and must not be empty`];
    return [
      ...(takes(feature, sent) ? [] : [`'${feature.name}' is sent as ${sent.type}, and must be ${feature.type}`]),
      ...(sent.nullable && !feature.nullable ? [`'${feature.name}' is sent empty at times, and must not be`] : []),
    ];
  });
}

/** Every whole number is a number. */
function takes(wanted: Column, sent: Column): boolean {
  return wanted.type === sent.type || (wanted.type === 'double' && sent.type === 'bigint');
}
