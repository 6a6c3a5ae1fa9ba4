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
const file = fc.record(
  {
    name: fc.constant('rain'),
    schema: fc
      .subarray(COLUMNS, { minLength: 1 })
      .map(names => ({ features: names.map(name => ({ name, type: 'double' })), label: LABEL })),
    training: fc.constant({ code: '.' }),
    subject: fc.constantFrom('customer', 'customer', 'customer', 'age', LABEL, 'Customer Id'),
    personal: fc.subarray([...COLUMNS, LABEL, 'shoe_size']),
    personalInSnapshots: fc.constant('accepted'),
  },
  { requiredKeys: ['name', 'schema', 'training'] },
);

const [MODEL] = loadEnvironment(repository(), 'dev').models as [ModelConfig];

/** The model of the file; undefined where the file is refused. */
function modelOf(content: unknown): ModelConfig | undefined {
  const { data } = modelDefinitionSchema.safeParse(content);
  return data === undefined ? undefined : { ...MODEL, definition: data };
}

test('no personal field gets among the features of a model whose file does not accept that', () => {
  fc.assert(
    fc.property(file, content => {
      const model = modelOf({ ...content, personalInSnapshots: undefined });
      fc.pre(model !== undefined);
      const features = model.definition.schema.features.map(({ name }) => name);

      expect(features.filter(name => content.personal?.includes(name))).toEqual([]);
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
