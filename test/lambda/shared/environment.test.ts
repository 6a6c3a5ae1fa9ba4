import { requiredEnvironment } from '../../../lambda/shared/environment';

describe('requiredEnvironment', () => {
  const before = process.env;
  beforeEach(() => {
    process.env = { ...before };
  });
  afterAll(() => {
    process.env = before;
  });

  test('gives the values by name', () => {
    // GIVEN
    process.env.LEDGER_TABLE = 'ledger';
    process.env.ENVIRONMENT = 'local';

    // WHEN
    const environment = requiredEnvironment('LEDGER_TABLE', 'ENVIRONMENT');

    // THEN
    expect(environment).toEqual({ LEDGER_TABLE: 'ledger', ENVIRONMENT: 'local' });
  });

  test('fails by the name of every variable that is missing or empty', () => {
    // GIVEN
    process.env.ENVIRONMENT = '';
    delete process.env.LEDGER_TABLE;

    // WHEN / THEN
    expect(() => requiredEnvironment('LEDGER_TABLE', 'ENVIRONMENT')).toThrow(
      "environment variable 'LEDGER_TABLE', 'ENVIRONMENT' must be set on this function, got nothing",
    );
  });
});
