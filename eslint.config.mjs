import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import awscdk from 'eslint-plugin-awscdk';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** Folders whose code is ours, but not each other's to import. */
const FOLDERS = ['bin', 'lib', 'constructs', 'lambda', 'cli', 'local-cloud', 'rehearsal', 'review', 'bench', 'scripts'];

/** What each folder may import beside itself; imports point one way. */
const MAY_IMPORT = {
  bin: { lib: [] },
  // beside the constructs: what AWS takes and what the platform's own tags are, which a file must not say otherwise
  lib: {
    constructs: [
      'index.ts',
      'limits/log-retention-days.ts',
      'private/environment-identity.ts',
      'private/tag-keys.ts',
      'private/tag-rules.ts',
    ],
  },
  constructs: {},
  // what both must know alike, in files that import nothing
  lambda: { constructs: ['private/instance-disks.ts', 'private/tag-keys.ts'] },
  // reads the ledger with its own reader, and names as the release machine names
  cli: { lambda: ['shared', 'release-step/sagemaker-live.ts'] },
  // both speak to the platform only through AWS APIs, as a user would
  'local-cloud': {},
  rehearsal: { 'local-cloud': ['start.ts'] },
  // reads templates, whatever they were made from, and holds them to the same limits
  review: { constructs: ['limits/policy-limits.ts', 'limits/value-limits.ts'] },
};

const direction = Object.entries(MAY_IMPORT).flatMap(([target, allowed]) =>
  FOLDERS.filter(from => from !== target && !(from in allowed && allowed[from].length === 0)).map(from => ({
    target: `./${target}`,
    from: `./${from}`,
    except: (allowed[from] ?? []).map(file => `./${file}`),
    message: `imports point one way: bin → lib → constructs/index; '${target}' must not import from here.`,
  })),
);

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'dist/',
      'assets/',
      'cdk.out/',
      '.venv/',
      '.local-cloud/',
      'rehearsal-report/',
      // an app of its own: its types are there where the packed library is installed, and `npm run test:package` checks it
      'examples/other-team/',
      '**/*.js',
    ],
  },
  // a rule that is wrong is changed here, where it is seen
  { linterOptions: { noInlineConfig: true } },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.json'] })] },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // an interface may ask for parameters that an implementation does not need
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // `a || default` eats 0, false and the empty text
      '@typescript-eslint/prefer-nullish-coalescing': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'import-x/no-restricted-paths': ['error', { zones: direction }],
      'import-x/no-cycle': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['lambda/**/*.ts', 'cli/**/*.ts', 'local-cloud/**/*.ts', 'rehearsal/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(aws-cdk-lib|constructs|cdk-nag|cdk8s)(/|$)',
              message: 'Only bin, lib and constructs know the CDK.',
            },
          ],
        },
      ],
    },
  },
  {
    // tsc checks the types of tests; asking for them in each rule takes half the time of the whole lint
    files: ['test/**/*.ts'],
    extends: [tseslint.configs.disableTypeChecked],
  },
  {
    files: ['constructs/**/*.ts', 'lib/**/*.ts'],
    extends: [awscdk.configs.strict],
    rules: {
      'no-console': 'error',
      // `constructs/private` is private to the whole library
      'awscdk/no-import-private': 'off',
      // asks it of unexported types too; what is exported is checked in the jsii assembly
      'awscdk/require-jsdoc': 'off',
    },
  },
  {
    // what a function needs is made before `this` is there
    files: ['constructs/private/platform-function.ts'],
    rules: { 'awscdk/require-passing-this': 'off', 'awscdk/no-variable-construct-id': 'off' },
  },
  {
    files: [...FOLDERS, 'examples/cdk-pipelines'].map(folder => `${folder}/**/*.ts`),
    languageOptions: {
      // one program instead of the project service, and without the tests: a third less time
      parserOptions: {
        projectService: false,
        project: ['./tsconfig.lint.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
  },
  prettier,
);
