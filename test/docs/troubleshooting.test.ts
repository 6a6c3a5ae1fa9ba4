import { join } from 'node:path';
import { loadEnvironment } from '../../lib/config/environment';
import { readPage } from '../support/pages';

test('the environment that has no file is told of in the words of the error', () => {
  let message = '';
  try {
    loadEnvironment(join(__dirname, '..', '..'), 'prd');
  } catch (error) {
    ({ message } = error as Error);
  }

  expect(message).toContain("'prd' has no file");
  expect(readPage('docs/troubleshooting.md')).toContain(`\`${message}\``);
});
