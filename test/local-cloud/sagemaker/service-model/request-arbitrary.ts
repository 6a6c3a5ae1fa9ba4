import fc, { type Arbitrary } from 'fast-check';
import type { ServiceModel, Shape } from '../../../../local-cloud/sagemaker/service-model/model';
import { compilePattern } from '../../../../local-cloud/sagemaker/service-model/pattern';
import { type FieldSupport, SUPPORTED } from '../../../../local-cloud/sagemaker/service-model/supported-fields';

const SAMPLES = 30;
const LONG_LIST = 3;
const LONG_TEXT = 20;
/** Texts beyond this are left to the malformed requests. */
const LONGEST_BOUNDARY = 4096;

/** Where a shape stands in a request. */
interface Place {
  readonly support: FieldSupport;
  /** Dotted, as in `SUPPORTED`. */
  readonly path: string;
}

/**
 * Requests that keep every constraint of AWS's service model and use only what is implemented; whether what they name
 * exists is left to chance.
 */
export class RequestArbitrary {
  private readonly byPattern = new Map<string, readonly string[]>();
  private readonly byOperation = new Map<string, Arbitrary<Record<string, unknown>>>();

  /**
   * @param wellKnown texts that are tried before random ones wherever they fit, such as names of what exists
   */
  constructor(
    private readonly model: ServiceModel,
    private readonly wellKnown: readonly string[],
  ) {}

  /** Inputs of an operation. */
  public of(operation: string): Arbitrary<Record<string, unknown>> {
    let inputs = this.byOperation.get(operation);
    if (inputs === undefined) {
      const support = SUPPORTED[operation];
      const shape = this.model.operation(operation)?.input?.shape;
      if (support === undefined || shape === undefined) {
        throw new Error(`operation '${operation}' is not implemented`);
      }
      inputs = this.structure(this.model.shape(shape), { support, path: '' });
      this.byOperation.set(operation, inputs);
    }
    return inputs;
  }

  private any(shapeName: string, place: Place): Arbitrary<unknown> {
    const shape = this.model.shape(shapeName);
    const allowed = place.support.values?.[place.path];
    if (allowed !== undefined) {
      return fc.constantFrom(...allowed);
    }
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = shape;
    switch (shape.type) {
      case 'structure':
        return this.structure(shape, place);
      case 'list':
        return fc.array(this.any(shape.member?.shape ?? '', place), {
          minLength: min,
          maxLength: Math.min(max, Math.max(min, LONG_LIST)),
        });
      case 'map':
        return fc.dictionary(
          this.text(this.model.shape(shape.key?.shape ?? '')),
          this.any(shape.value?.shape ?? '', place),
          {
            minKeys: min,
            maxKeys: Math.min(max, Math.max(min, LONG_LIST)),
          },
        );
      case 'string':
        return this.text(shape);
      case 'timestamp':
        return fc.integer({ min: 0, max: 4_000_000_000 });
      case 'integer':
      case 'long':
        return fc.oneof(fc.integer({ min, max: Math.min(max, min + 5) }), fc.constant(max));
      case 'float':
      case 'double':
        return fc.double({ min, max: Math.min(max, 1e6), noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'blob':
        return fc.base64String();
    }
  }

  private structure(shape: Shape, place: Place): Arbitrary<Record<string, unknown>> {
    const required = shape.required ?? [];
    const members = Object.entries(shape.members ?? {}).flatMap(([name, { shape: inner }]) => {
      const path = place.path === '' ? name : `${place.path}.${name}`;
      return isAccepted(place.support, path) || required.includes(name)
        ? [[name, this.any(inner, { ...place, path })] as const]
        : [];
    });
    return fc.record(Object.fromEntries(members), { requiredKeys: [...required] });
  }

  private text(shape: Shape): Arbitrary<string> {
    if (shape.enum !== undefined) {
      return fc.constantFrom(...shape.enum);
    }
    const { min = 0, max = LONGEST_BOUNDARY } = shape;
    const fits = (text: string): boolean => text.length >= min && text.length <= max;
    const known = this.wellKnown.filter(text => fits(text) && matches(shape, text));
    if (shape.pattern === undefined) {
      const random = fc.string({ unit: 'binary', minLength: min, maxLength: Math.min(max, min + LONG_TEXT) });
      return either(known, fc.oneof(random.filter(fits), fc.constant('x'.repeat(Math.min(max, LONGEST_BOUNDARY)))));
    }
    const random = this.matching(shape.pattern).filter(fits);
    if (known.length + random.length === 0) {
      throw new Error(`no text of allowed length matches '${shape.pattern}': add one to the well-known texts`);
    }
    return random.length === 0 ? fc.constantFrom(...known) : either(known, fc.constantFrom(...random));
  }

  private matching(pattern: string): readonly string[] {
    let texts = this.byPattern.get(pattern);
    if (texts === undefined) {
      const expression = compilePattern(pattern);
      texts = samples(expression).filter(text => expression.test(text));
      this.byPattern.set(pattern, texts);
    }
    return texts;
  }
}

/** As often what is known as what is not: a request whose every name is made up is refused at the first. */
function either(known: readonly string[], random: Arbitrary<string>): Arbitrary<string> {
  return known.length === 0 ? random : fc.oneof(fc.constantFrom(...known), random);
}

function matches({ pattern }: Shape, text: string): boolean {
  return pattern === undefined || compilePattern(pattern).test(text);
}

function samples(expression: RegExp): string[] {
  try {
    return fc.sample(fc.stringMatching(expression), { numRuns: SAMPLES, seed: 1 });
  } catch {
    // fast-check knows no look-around: the well-known texts must do
    return [];
  }
}

function isAccepted(support: FieldSupport, path: string): boolean {
  return [...support.implemented, ...(support.recorded ?? [])].some(
    entry => entry === path || path.startsWith(`${entry}.`) || entry.startsWith(`${path}.`),
  );
}
