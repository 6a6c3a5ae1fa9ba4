import { z } from 'zod';

/**
 * What a model's own file says: what is the same in every environment.
 */

/** Name of a model, part of every name that is made of it. */
export const modelName = z
  .string()
  .regex(
    /^[a-z](-?[a-z0-9]){0,26}$/,
    'at most 27 lower-case letters, digits and single hyphens that begin with a letter',
  )
  .describe('Name of the model.');

const columnName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and underscores that begin with a letter');

const feature = z.strictObject({
  name: columnName.describe('Name in the CSV header, in the request and in the inference log.'),
  type: z.enum(['double', 'bigint', 'string']).describe('Type of its values.'),
  min: z.number().optional().describe('Smallest allowed value; a row below it is quarantined. Default: no limit.'),
  max: z.number().optional().describe('Largest allowed value; a row above it is quarantined. Default: no limit.'),
  values: z
    .array(z.string())
    .optional()
    .describe('Allowed texts; a row with another is quarantined. Default: any text.'),
  nullable: z.boolean().optional().describe('Whether the field may be empty. Default: false.'),
});

const said = (most: number, what: string) =>
  z.string().min(1).max(most).optional().describe(`${what} Default: nothing is said.`);

const card = z
  .strictObject({
    owner: said(256, 'Who answers for the model: a team or its address.'),
    purpose: said(1000, 'What the model is for.'),
    intendedUses: said(1000, 'What it may be used for, and what not.'),
    limits: said(1000, 'Where it is known to be worse.'),
    riskRating: z
      .enum(['High', 'Medium', 'Low', 'Unknown'])
      .optional()
      .describe('How much harm a wrong answer can do. Default: Unknown.'),
    riskExplanation: said(1000, 'Why it is rated so.'),
    dataSource: said(500, 'Where the data come from.'),
  })
  .optional()
  .describe('What people say about the model; the model card of each version repeats it.');

/** The definition of a model. */
export const modelDefinitionSchema = z
  .strictObject({
    name: modelName,
    description: z.string().optional().describe('What the model is for. Default: none.'),
    card,
    schema: z
      .strictObject({
        features: z.array(feature).min(1).describe('The features, in the order in which the model gets them.'),
        label: columnName.describe('Column of the label, 0 or 1.'),
      })
      .describe('What the model reads and what it predicts.'),
    subject: columnName
      .optional()
      .describe(
        "Column of the landed files that names a person. By it a person's rows can be erased. Default: rows are of nobody.",
      ),
    personal: z
      .array(columnName)
      .optional()
      .describe(
        "Features that may hold personal data; each is refused unless 'personalInSnapshots' names it. An erasure tells of them what it could not reach. Default: none.",
      ),
    personalInSnapshots: z
      .array(columnName)
      .min(1, "names of 'personal', or left out: there is nothing to accept")
      .optional()
      .describe(
        "Those of 'personal' of which it is accepted that they stay in locked snapshots, which no erasure reaches. Default: none, each is refused.",
      ),
    training: z
      .strictObject({
        code: z.string().min(1).describe("Folder with 'train.py', from this file's own folder."),
        hyperparameters: z
          .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).describe('Its value.'))
          .default({})
          .describe('Hyperparameters, given to the training code as text. Default: none.'),
        seed: z.number().int().optional().describe('Seed of everything random in a run. Default: 1.'),
      })
      .describe('How the model is trained everywhere.'),
  })
  .superRefine(({ schema, subject, personal = [], personalInSnapshots: accepted = [] }, context) => {
    const features = schema.features.map(({ name }) => name);
    const refuse = (path: (string | number)[], input: unknown, message: string): void =>
      context.addIssue({ code: 'custom', path, input, message });
    if (subject !== undefined && [...features, schema.label].includes(subject)) {
      refuse(
        ['subject'],
        subject,
        'a column that is neither a feature nor the label: these go into locked snapshots, from which nothing is erased',
      );
    }
    personal.forEach((name, index) => {
      if (!features.includes(name)) refuse(['personal', index], name, `one of the features '${features.join("', '")}'`);
    });
    if (personal.length > 0 && subject === undefined) {
      refuse(['personal'], personal, "left out, or there must be a 'subject' by which a person's rows are found");
    }
    const locked = personal.filter(name => features.includes(name) && !accepted.includes(name));
    if (locked.length > 0) {
      const names = `'${locked.join("', '")}'`;
      refuse(
        ['personal'],
        personal,
        `without ${names}: features go into locked snapshots, from which no erasure takes them; ` +
          `leave ${names} out of 'schema.features' and land a feature made of it that tells of no person, ` +
          'such as a band of ages (a hash still tells of one, even with a secret salt), ' +
          `or accept it with 'personalInSnapshots: [${personal.filter(name => features.includes(name)).join(', ')}]'`,
      );
    }
    accepted.forEach((name, index) => {
      if (!personal.includes(name)) {
        refuse(['personalInSnapshots', index], name, "left out, or be in 'personal': there is nothing to accept");
      }
    });
  })
  .meta({ title: 'Model', description: 'What a model is, in every environment.' });

/** What a model file says, checked. */
export type ModelDefinition = z.infer<typeof modelDefinitionSchema>;
