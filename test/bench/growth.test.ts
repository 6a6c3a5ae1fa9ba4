import { perModel } from '../../bench/growth';

test('what each model adds is told apart from what all share', () => {
  expect(
    perModel([
      { models: 1, value: 12 },
      { models: 5, value: 20 },
    ]),
  ).toEqual({ slope: 2, fixed: 10 });
});

test('fails when there is one number of models alone', () => {
  expect(() => perModel([{ models: 5, value: 20 }])).toThrow('growth needs two numbers of models, got 5');
});
