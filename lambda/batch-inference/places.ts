import type { EksServingSettings } from '../shared/contracts';
import { BatchRefusedError } from './refused';

type AllowedPlaces = Pick<NonNullable<EksServingSettings['batch']>, 'inputUri' | 'outputUri'>;

/** No sign that S3's policies, a container's variables or a shell read as something else. */
const PLACE = /^s3:\/\/[a-z0-9.-]+\/[^\p{C}*?$\\]*\/$/u;

/** Refuses places that the pods' role does not reach, or where predictions would be predicted again. */
export function checkPlaces(asked: AllowedPlaces, allowed: AllowedPlaces): void {
  for (const property of ['inputUri', 'outputUri'] as const) {
    const value = asked[property];
    if (!PLACE.test(value) || !value.startsWith(allowed[property])) {
      throw new BatchRefusedError(
        `'${property}' is '${value}', must be '${allowed[property]}' or a prefix in it that ends with a slash and has none of '*', '?', '$' and '\\'`,
        [`To allow another place, change 'batch' of the model's serving settings, and deploy.`],
      );
    }
  }
  if (asked.outputUri.startsWith(asked.inputUri)) {
    throw new BatchRefusedError(
      `'outputUri' is '${asked.outputUri}' in 'inputUri' '${asked.inputUri}', whose files are predicted, must be another prefix`,
    );
  }
}
