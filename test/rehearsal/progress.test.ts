import { progressTo, type ProgressStream } from '../../rehearsal/progress';

class Recorder implements ProgressStream {
  written = '';
  readonly columns = 40;

  constructor(readonly isTTY: boolean) {}

  write(text: string): void {
    this.written += text;
  }
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('without a terminal', () => {
  test('a line tells each step, and one the end of an act with its seconds', () => {
    // GIVEN
    const stream = new Recorder(false);
    const progress = progressTo(stream, 10, {});

    // WHEN
    progress.begin(1, 'Deploy');
    progress.step('cdk bootstrap');
    jest.advanceTimersByTime(1500);
    progress.end(true);

    // THEN
    expect(stream.written).toBe(' 1/10  Deploy: cdk bootstrap\n 1/10  Deploy: ok (1.5 s)\n');
  });

  test('a failed act says so in letters', () => {
    const stream = new Recorder(false);
    const progress = progressTo(stream, 10, {});

    progress.begin(10, 'Tear down');
    progress.end(false);

    expect(stream.written).toBe('10/10  Tear down: FAILED (0.0 s)\n');
  });

  test.each([{ NO_COLOR: '1' }, { CI: 'true' }, { TERM: 'dumb' }])('%p makes a terminal plain', environment => {
    const stream = new Recorder(true);
    const progress = progressTo(stream, 10, environment);

    progress.begin(1, 'Deploy');
    progress.step('cdk bootstrap');
    jest.advanceTimersByTime(1000);
    progress.end(true);

    expect(stream.written).not.toContain('\u001b');
  });

  test('an empty NO_COLOR does not count as set', () => {
    const stream = new Recorder(true);
    const progress = progressTo(stream, 10, { NO_COLOR: '' });

    progress.begin(1, 'Deploy');
    progress.close();

    expect(stream.written).toContain('\u001b');
  });

  test('an end without a beginning writes nothing', () => {
    const stream = new Recorder(false);

    progressTo(stream, 10, {}).end(true);

    expect(stream.written).toBe('');
  });
});

describe('on a terminal', () => {
  test('the line moves while an act runs and names its step', () => {
    // GIVEN
    const stream = new Recorder(true);
    const progress = progressTo(stream, 10, {});

    // WHEN
    progress.begin(3, 'Train');
    progress.step('waiting for the job');
    const before = stream.written.length;
    jest.advanceTimersByTime(1000);

    // THEN
    expect(stream.written.slice(before)).toContain(' 3/10  Train · waiting for');
    progress.close();
  });

  test('no drawn line is wider than the terminal', () => {
    const stream = new Recorder(true);
    const progress = progressTo(stream, 10, {});

    progress.begin(3, 'Train');
    progress.step('x'.repeat(200));
    jest.advanceTimersByTime(1000);
    progress.close();

    const widths = stream.written.split('\r\u001b[2K').map(line => line.length);
    expect(Math.max(...widths)).toBeLessThan(stream.columns);
  });

  test('an act that ended keeps one line with mark, name and seconds', () => {
    const stream = new Recorder(true);
    const progress = progressTo(stream, 10, {});

    progress.begin(3, 'Train');
    jest.advanceTimersByTime(2000);
    progress.end(true);

    const last = stream.written.split('\r\u001b[2K').at(-1);
    expect(last).toContain('✓');
    expect(last).toMatch(/Train +2\.0 s\n$/);
  });

  test('a note stands on a line of its own and the moving line follows', () => {
    const stream = new Recorder(true);
    const progress = progressTo(stream, 10, {});

    progress.begin(3, 'Train');
    progress.note('version 1 is registered');

    expect(stream.written).toContain('\r\u001b[2Kversion 1 is registered\n');
    expect(stream.written.endsWith(' 0.0 s')).toBe(true);
    progress.close();
  });

  test('nothing moves after close, which may be called twice', () => {
    const stream = new Recorder(true);
    const progress = progressTo(stream, 10, {});
    progress.begin(3, 'Train');

    progress.close();
    progress.close();
    const before = stream.written.length;
    jest.advanceTimersByTime(1000);

    expect(stream.written.length).toBe(before);
    expect(jest.getTimerCount()).toBe(0);
  });
});
