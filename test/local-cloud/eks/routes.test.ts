import { describe, expect, test } from '@jest/globals';
import { draw, hostOf, type HttpRoute, mirrorsOf, ruleFor, unsupportedFilters } from '../../../local-cloud/eks/routes';

function route(name: string, value: string, type = 'PathPrefix', hostnames?: string[]): HttpRoute {
  return {
    metadata: { name, namespace: 'models' },
    spec: { hostnames, rules: [{ matches: [{ path: { type, value } }], backendRefs: [{ name }] }] },
  };
}

describe('the rule for a path', () => {
  const routes = [
    route('all', '/'),
    route('rain', '/v2/models/rain'),
    route('exact', '/v2/models/rain/infer', 'Exact'),
  ];

  test.each([
    ['/v2/models/rain/ready', 'rain'],
    ['/v2/models/rain/infer', 'exact'],
    ['/v2/models/rainfall/ready', 'all'],
    ['/', 'all'],
  ])('of %s is that of the route %s', (path, name) => {
    expect(ruleFor(routes, { host: 'gateway', path })?.route.metadata.name).toBe(name);
  });

  test('is none where no route matches', () => {
    const asked = { host: 'gateway', path: '/v2/models/churn' };
    expect(ruleFor([route('rain', '/v2/models/rain')], asked)).toBeUndefined();
  });

  test.each([
    ['models.dev.example.com', 'dev'],
    ['MODELS.DEV.example.com', 'dev'],
    ['models.test.example.com', 'any of example.com'],
    ['example.com', 'all'],
    ['models.prod.example.org', 'all'],
  ])('asked by the name %s is that of the route %s', (host, name) => {
    const named = [
      route('all', '/v2/models/rain'),
      route('any of example.com', '/v2/models/rain', 'PathPrefix', ['*.example.com']),
      route('dev', '/', 'PathPrefix', ['models.dev.example.com']),
    ];
    expect(ruleFor(named, { host, path: '/v2/models/rain/infer' })?.route.metadata.name).toBe(name);
  });

  test('is none where only a less exact name has the path', () => {
    const named = [route('all', '/'), route('dev', '/v2/models/rain', 'PathPrefix', ['models.dev.example.com'])];
    expect(ruleFor(named, { host: 'models.dev.example.com', path: '/v2/models/churn' })).toBeUndefined();
  });

  test.each([
    ['models.dev.example.com:8080', 'models.dev.example.com'],
    ['models.dev.example.com', 'models.dev.example.com'],
    [undefined, ''],
  ])('is asked for by the name in the header %s', (header, host) => {
    expect(hostOf(header)).toBe(host);
  });

  test('is none where each route has another name', () => {
    const named = route('dev', '/', 'PathPrefix', ['models.dev.example.com']);
    expect(ruleFor([named], { host: 'models.prod.example.com', path: '/' })).toBeUndefined();
  });
});

describe('a backend', () => {
  const backends = [
    { name: 'old', weight: 90 },
    { name: 'new', weight: 10 },
  ];

  test.each([
    [0, 'old'],
    [0.8999, 'old'],
    [0.9, 'new'],
    [0.9999, 'new'],
  ])('drawn by %d is the %s one', (drawn, name) => {
    expect(draw(backends, drawn)?.name).toBe(name);
  });

  test('without weight is never drawn, not even as the first', () => {
    expect(
      draw(
        [
          { name: 'old', weight: 0 },
          { name: 'new', weight: 1 },
        ],
        0,
      )?.name,
    ).toBe('new');
  });

  test('is none where none has a weight', () => {
    expect(draw([{ name: 'old', weight: 0 }], 0)).toBeUndefined();
  });
});

test('a filter that mirrors names who gets copies, and any other is named as unsupported', () => {
  const filters = [
    { type: 'RequestMirror', requestMirror: { backendRef: { name: 'shadow' } } },
    { type: 'URLRewrite' },
  ];
  expect(mirrorsOf({ filters })).toEqual([{ name: 'shadow' }]);
  expect(unsupportedFilters({ ...route('rain', '/'), spec: { rules: [{ filters }] } })).toEqual(['URLRewrite']);
});
