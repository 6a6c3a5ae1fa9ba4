import { AlarmLane, redSpans } from '../../../../rehearsal/report/chart/alarm-lane';
import { TimeScale } from '../../../../rehearsal/report/chart/time-scale';
import type { AlarmChange } from '../../../../rehearsal/report/report';

const END = Date.parse('2026-11-24T04:00:00Z');

function change(minute: number, state: AlarmChange['state'], name = 'drift'): AlarmChange {
  return { at: `2026-11-24T03:${String(minute).padStart(2, '0')}:00Z`, name, state, reason: '' };
}

function minutes(spans: ReturnType<typeof redSpans>): number[][] {
  return spans.map(({ from, to }) => [new Date(from).getUTCMinutes(), new Date(to).getUTCMinutes()]);
}

test('an alarm is red from its change to the next', () => {
  expect(minutes(redSpans([change(5, 'ALARM'), change(15, 'OK'), change(25, 'ALARM'), change(30, 'OK')], END))).toEqual(
    [
      [5, 15],
      [25, 30],
    ],
  );
});

test('missing data ends red too', () => {
  expect(minutes(redSpans([change(5, 'ALARM'), change(15, 'INSUFFICIENT_DATA')], END))).toEqual([[5, 15]]);
});

test('red told twice is one span', () => {
  expect(minutes(redSpans([change(5, 'ALARM'), change(7, 'ALARM'), change(15, 'OK')], END))).toEqual([[5, 15]]);
});

test('an alarm still red at the end is red to the end', () => {
  expect(redSpans([change(5, 'ALARM')], END).at(0)?.to).toBe(END);
});

test('rows are named without what all names share', () => {
  // GIVEN
  const changes = [change(5, 'ALARM', 'mlops-local-rain-quality'), change(5, 'OK', 'mlops-local-rain-input-drift')];
  const scale = TimeScale.over([Date.parse(changes[0]?.at ?? ''), END], 0, 900, 3_600_000, 30);

  // WHEN
  const { markup } = new AlarmLane(changes).draw({ scale, top: 0, bottom: 22, narrow: false });

  // THEN
  expect(markup).toContain('>quality</text>');
  expect(markup).not.toContain('>input drift</text>');
});
