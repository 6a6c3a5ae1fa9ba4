import { App, Stack } from 'aws-cdk-lib';
import fc from 'fast-check';
import { requirePersonalData } from '../../../constructs/private/name-rules';
import { Problems } from '../../../constructs/private/validation';
import { loadEnvironment, type ModelConfig } from '../../../lib/config/environment';
import { modelDefinitionSchema } from '../../../lib/config/model-schema';
import { modelSchema, trainingSettings } from '../../../lib/model-settings';
import { repository } from './repository';

/** What must hold of a person's data for whatever a model's file says of them. */

const COLUMNS = ['age', 'postcode', 'height'];
const LABEL = 'left';

/** A model's file that may be wrong in what it says of persons, and in nothing else. */
const anyFile = fc.record(
  {
    name: fc.constant('rain'),
    schema: fc
      .subarray(COLUMNS, { minLength: 1 })
      .map(names => ({ features: names.map(name => ({ name, type: 'double' })), label: LABEL })),
    training: fc.constant({ code: '.' }),
    subject: fc.constantFrom('customer', 'customer', 'customer', 'age', LABEL, 'Customer Id'),
    personal: fc.subarray([...COLUMNS, LABEL, 'shoe_size']),
    personalInSnapshots: fc.subarray([...COLUMNS, 'shoe_size']),
  },
  { requiredKeys: ['name', 'schema', 'training'] },
);
/** The like, of which a third accepts just what it names, and a third all but one: by chance hardly any would. */
const file = fc.oneof(
  anyFile,
  anyFile.map(content => ({ ...content, personalInSnapshots: content.personal })),
  anyFile.map(content => ({ ...content, personalInSnapshots: content.personal?.slice(1) })),
);

const [MODEL] = loadEnvironment(repository(), 'dev').models as [ModelConfig];

/** The model of the file; undefined where the file is refused. */
function modelOf(content: unknown): ModelConfig | undefined {
  const { data } = modelDefinitionSchema.safeParse(content);
  return data === undefined ? undefined : { ...MODEL, definition: data };
}

test('a file that is taken accepts just the personal features that it names', () => {
  fc.assert(
    fc.property(file, content => {
      fc.pre(modelOf(content) !== undefined);
      const { schema, personal = [], personalInSnapshots = [] } = content;

      expect([...personalInSnapshots].sort()).toEqual([...personal].sort());
      expect(schema.features.map(({ name }) => name)).toEqual(expect.arrayContaining(personal));
    }),
  );
});

test('a feature that is named later is refused until it is accepted by name, whatever was accepted before', () => {
  fc.assert(
    fc.property(file, fc.constantFrom(...COLUMNS), (content, later) => {
      const { schema, subject = 'customer', personal = [], personalInSnapshots = [] } = content;
      fc.pre(modelOf(content) !== undefined);
      fc.pre(schema.features.some(({ name }) => name === later) && !personal.includes(later));
      const named = { ...content, subject, personal: [...personal, later] };

      expect(modelOf(named)).toBeUndefined();
      expect(modelOf({ ...named, personalInSnapshots: [...personalInSnapshots, later] })).toBeDefined();
    }),
  );
});

test('what a file may say of persons is what the construct takes, so that each refusal has its line', () => {
  fc.assert(
    fc.property(file, content => {
      // GIVEN: the same said to the construct, as the platform says it
      fc.pre(content.subject !== undefined);
      const { name, training } = content;
      const unchecked = { ...MODEL.definition, ...content, name, training: { ...training, hyperparameters: {} } };
      const model = { ...MODEL, definition: unchecked as ModelConfig['definition'] };

      // WHEN
      const problems = new Problems(new Stack(new App(), 'Stack'));
      requirePersonalData(problems, modelSchema(model), trainingSettings(model).personalData);
      const refuse = (): void => problems.throwIfAny();

      // THEN
      if (modelOf(content) === undefined) expect(refuse).toThrow('personalData');
      else expect(refuse).not.toThrow();
    }),
  );
});
