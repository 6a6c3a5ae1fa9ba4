import fc from 'fast-check';
import { decideGate, mightWinNow } from '../../../lambda/pipeline-control/gate';
import { evaluationOf } from './fixtures';

const GATE = { minAuc: 0.8, minImprovement: 0.01 };

describe('decideGate', () => {
  test('passes a first version that is good enough', () => {
    expect(decideGate(GATE, evaluationOf(0.8), undefined)).toEqual({
      passed: true,
      reason: "AUC 0.8000 on 1000 held-out rows, 'minAuc' is 0.8; no champion to beat",
    });
  });

  test('refuses one that is not', () => {
    expect(decideGate(GATE, evaluationOf(0.79), undefined)).toEqual({
      passed: false,
      reason: "AUC 0.7900 on 1000 held-out rows, 'minAuc' is 0.8",
    });
  });

  test('refuses a challenger that is better, but not by enough', () => {
    expect(decideGate(GATE, evaluationOf(0.859, 0.85), '3')).toEqual({
      passed: false,
      reason:
        'AUC 0.8590 on 1000 held-out rows, champion 3 has 0.8500 on the same, improvement 0.0090, ' +
        "'minImprovement' is 0.01",
    });
  });

  test('passes a challenger that beats a champion whom the world has left', () => {
    expect(decideGate(GATE, evaluationOf(0.86, 0.39), '3').passed).toBe(true);
  });

  test('takes an improvement of zero at its word', () => {
    expect(decideGate({ ...GATE, minImprovement: 0 }, evaluationOf(0.85, 0.85), '3').passed).toBe(true);
  });

  test('never passes one below the least AUC, however bad the champion', () => {
    const auc = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(auc, auc, auc, (challenger, champion, minAuc) => {
        const { passed } = decideGate({ minAuc, minImprovement: -1 }, evaluationOf(challenger, champion), '1');
        expect(passed).toBe(challenger >= minAuc);
      }),
    );
  });
});

describe('mightWinNow', () => {
  const auc = fc.double({ min: 0, max: 1, noNaN: true });
  const lost = { auc: 0.85, champion: '1', championAuc: 0.85 };

  test('says of the same champion what the gate would say', () => {
    fc.assert(
      fc.property(auc, auc, auc, auc, (challenger, champion, minAuc, minImprovement) => {
        const gate = { minAuc, minImprovement };
        const { passed } = decideGate(gate, evaluationOf(challenger, champion), '1');
        expect(mightWinNow(gate, { auc: challenger, champion: '1', championAuc: champion }, '1')).toBe(passed);
      }),
    );
  });

  test.each([
    ['once less is asked for', { ...GATE, minImprovement: 0 }, '1', true],
    ['against a champion with which it was never compared', GATE, '2', true],
    ['once there is no champion to beat', GATE, undefined, true],
    ['but not against the same', GATE, '1', false],
    ['nor below the least AUC, whoever serves', { ...GATE, minAuc: 0.9 }, '2', false],
  ])('%s', (_case, gate, champion, expected) => {
    expect(mightWinNow(gate, lost, champion)).toBe(expected);
  });
});
