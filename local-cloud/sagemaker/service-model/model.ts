import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A member of a structure; in AWS's REST protocol it may lie outside the body. */
export interface Member {
  readonly shape: string;
  readonly location?: string;
  readonly locationName?: string;
}

/** A shape of AWS's service model, as botocore ships it. */
export interface Shape {
  readonly type:
    | 'structure'
    | 'list'
    | 'map'
    | 'string'
    | 'boolean'
    | 'integer'
    | 'long'
    | 'float'
    | 'double'
    | 'timestamp'
    | 'blob';
  readonly members?: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** Whether no message may show its value. */
  readonly sensitive?: boolean;
  /** The member that is the whole body, in AWS's REST protocol. */
  readonly payload?: string;
}

/** An operation of AWS's service model. */
export interface OperationModel {
  readonly name: string;
  readonly input?: { readonly shape: string };
  readonly output?: { readonly shape: string };
  /** Errors that the operation has beside those that every operation has. */
  readonly errors?: readonly { readonly shape: string }[];
}

interface ModelFile {
  readonly metadata: { readonly targetPrefix?: string };
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** AWS's own description of the service: which operations there are, and what their requests must look like. */
export class ServiceModel {
  /** Reads `service-2.json` or `service-2.json.gz`. */
  public static load(path: string): ServiceModel {
    const bytes = readFileSync(path);
    const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    const model = JSON.parse(text) as Partial<ModelFile>;
    if (model.operations === undefined || model.shapes === undefined) {
      throw new Error(`'${path}' is not a service model of AWS: it has no 'operations' or no 'shapes'`);
    }
    return new ServiceModel(model.operations, model.shapes);
  }

  private constructor(
    private readonly operations: Readonly<Record<string, OperationModel>>,
    private readonly shapes: Readonly<Partial<Record<string, Shape>>>,
  ) {}

  /** The operation of that name; undefined when AWS has none. */
  public operation(name: string): OperationModel | undefined {
    return Object.hasOwn(this.operations, name) ? this.operations[name] : undefined;
  }

  /** Every operation of the service, sorted. */
  public operationNames(): string[] {
    return Object.keys(this.operations).sort();
  }

  /** The shape of that name. */
  public shape(name: string): Shape {
    const shape = this.shapes[name];
    if (shape === undefined) {
      throw new Error(`the service model has no shape '${name}'`);
    }
    return shape;
  }
}
