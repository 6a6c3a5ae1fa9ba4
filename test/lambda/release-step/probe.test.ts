import fc from 'fast-check';
import type { Baseline, Column } from '../../../lambda/shared/contracts';
import { probeInstance } from '../../../lambda/release-step/probe';

function baseline(features: Baseline['features'], columns: Column[]): Baseline {
  return {
    edgesId: 'e',
    rows: 1,
    features,
    prediction: { edges: [0.5], counts: [1, 1, 0] },
    quality: { auc: 0.8, rows: 1 },
    schema: { features: columns, label: 'label' },
  };
}

const double = (more: Partial<Column> = {}): Column => ({ name: 'x', type: 'double', nullable: false, ...more });

describe('probeInstance', () => {
  test('takes the middle of the bins that the training data filled', () => {
    const columns = [double()];
    expect(
      probeInstance(
        { features: columns, label: 'y' },
        baseline({ x: { edges: [1, 2, 3], counts: [1, 1, 1, 1, 0] } }, columns),
      ),
    ).toEqual({ x: 2 });
  });

  test('takes the middle of the range without a baseline', () => {
    expect(probeInstance({ features: [double({ min: 10, max: 20 })], label: 'y' })).toEqual({ x: 15 });
  });

  test('takes an allowed text', () => {
    const features: Column[] = [
      { name: 'a', type: 'string', values: ['red', 'blue'], nullable: false },
      { name: 'b', type: 'string', nullable: false },
    ];
    expect(
      probeInstance({ features, label: 'y' }, baseline({ b: { categories: ['x'], counts: [1, 0, 0] } }, features)),
    ).toEqual({
      a: 'red',
      b: 'x',
    });
  });

  test('always lies within what the schema allows', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('double' as const, 'bigint' as const),
        fc.integer({ min: -1000, max: 1000 }),
        fc.nat({ max: 1000 }),
        fc.array(fc.double({ noNaN: true, min: -2000, max: 2000 })),
        (type, min, width, edges) => {
          // GIVEN
          const columns = [double({ type, min, max: min + width })];
          const sorted = [...edges].sort((a, b) => a - b);

          // WHEN
          const { x } = probeInstance(
            { features: columns, label: 'y' },
            baseline({ x: { edges: sorted, counts: [] } }, columns),
          );

          // THEN
          expect(x).toBeGreaterThanOrEqual(min);
          expect(x).toBeLessThanOrEqual(min + width);
          if (type === 'bigint') expect(Number.isInteger(x)).toBe(true);
        },
      ),
    );
  });
});
