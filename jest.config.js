/**
 * Unit tests by default; `--selectProjects integration` needs the local cloud's Python environment, `kubernetes` a cluster
 * or Go.
 */
const common = {
  testEnvironment: '<rootDir>/test/support/environment.ts',
  // the rest is large (Python's environment, templates) and holds no test
  roots: ['<rootDir>/test'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
    // ES modules, which Jest does not read as they are
    '/node_modules/hyparquet.*\\.js$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }],
  },
  transformIgnorePatterns: ['/node_modules/(?!hyparquet)'],
  setupFiles: ['<rootDir>/test/setup.ts'],
};
module.exports = {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/integration/', '<rootDir>/test/kubernetes/'],
    },
    { ...common, displayName: 'integration', testMatch: ['<rootDir>/test/integration/**/*.test.ts'] },
    {
      ...common,
      displayName: 'kubernetes',
      testMatch: ['<rootDir>/test/kubernetes/**/*.test.ts'],
      // one cluster for all of them
      globalSetup: '<rootDir>/test/kubernetes/support/start-cluster.ts',
      globalTeardown: '<rootDir>/test/kubernetes/support/stop-cluster.ts',
    },
  ],
};
