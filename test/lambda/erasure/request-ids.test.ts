import { isTheirRequest } from '../../../lambda/erasure/request-ids';

describe('isTheirRequest', () => {
  const isTheirs = isTheirRequest({ key: ' ada ', requestIds: ['0b9c2f6e', 'order-7-1'] });

  test.each(['ada', 'ada/', 'ada/2026-11-27/1', 'ada/1-0', '0b9c2f6e', 'order-7-1'])("'%s' is theirs", id => {
    expect(isTheirs(id)).toBe(true);
  });

  test.each(['ada-2', 'ada-2/1', 'adam/1', 'ad', '', 'x/ada', 'ADA', 'order-7-11', 'order-7', '0b9c2f6e/1'])(
    "'%s' is another's",
    id => {
      expect(isTheirs(id)).toBe(false);
    },
  );
});
