import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageMap, matchesImage, repositoryOf } from '../../../../local-cloud/sagemaker/containers/image-map';

const folder = mkdtempSync(join(tmpdir(), 'images-test-'));
const file = join(folder, 'images.json');

afterAll(() => rmSync(folder, { recursive: true }));

function map(entries: unknown): ImageMap {
  writeFileSync(file, JSON.stringify(entries));
  return new ImageMap(file, '/venv/bin/python');
}

test.each([
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/mlops/trainer:1.0', 'mlops/trainer'],
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/mlops/trainer@sha256:abc', 'mlops/trainer'],
  ['localhost:5000/trainer:2', 'trainer'],
  ['mlops/trainer', 'mlops/trainer'],
  ['trainer:latest', 'trainer'],
])('the repository of %s is %s', (uri, repository) => {
  expect(repositoryOf(uri)).toBe(repository);
});

test.each([
  ['mlops/trainer', '1.dkr.ecr.eu-west-1.amazonaws.com/mlops/trainer:1', true],
  ['mlops*/trainer', '1.dkr.ecr.eu-west-1.amazonaws.com/mlops-local/trainer:1', true],
  ['*/cdk-*:abc', '1.dkr.ecr.eu-west-1.amazonaws.com/cdk-assets:abc', true],
  ['mlops/trainer', '1.dkr.ecr.eu-west-1.amazonaws.com/other/mlops/trainer:1', false],
  ['mlops.trainer', 'mlops/trainer', false],
])('pattern %s and image %s: %s', (pattern, uri, matches) => {
  expect(matchesImage(pattern, uri)).toBe(matches);
});

test('a Python image runs as a module of the environment', () => {
  const image = map({ 'mlops/trainer': { python: './images/trainer', module: 'trainer' } }).find('mlops/trainer:1');
  expect(image).toEqual({
    program: '/venv/bin/python',
    args: ['-m', 'trainer'],
    pythonPath: [join(folder, 'images', 'trainer')],
  });
});

test('a command keeps its words and finds its files beside the map', () => {
  const image = map({ any: { command: ['node', '--no-warnings', './serve.js'] } }).find('any');
  expect(image).toEqual({ program: 'node', args: ['--no-warnings', join(folder, 'serve.js')], pythonPath: [] });
});

test('the map that ships knows the images of the platform', () => {
  const shipped = new ImageMap(join(__dirname, '..', '..', '..', '..', 'local-cloud', 'images.json'), 'python3');
  expect(shipped.find('1.dkr.ecr.us-east-1.amazonaws.com/mlops/trainer:0.1.0').args).toEqual(['-m', 'trainer']);
  expect(shipped.find('1.dkr.ecr.us-east-1.amazonaws.com/mlops/model-server@sha256:1').args).toEqual([
    '-m',
    'model_server',
  ]);
});

test('an edit counts at once', () => {
  const images = map({ one: { command: ['a'] } });
  writeFileSync(file, JSON.stringify({ one: { command: ['b'] } }));
  expect(images.find('one').program).toBe('b');
});

test('fails for an unknown image and tells how to add it', () => {
  expect(() => map({ one: { command: ['a'] } }).find('two:1')).toThrow(
    `image 'two:1' has no local command. Add it to ${file}, for example "two": {"command": ["node", "./serve.js"]} or ` +
      `{"python": "../images/folder", "module": "package"}; mapped now: 'one'`,
  );
});

test('fails for a map with an unknown key', () => {
  expect(() => map({ one: { comand: ['a'] } }).find('one')).toThrow(/image map '.*' cannot be used/);
});
