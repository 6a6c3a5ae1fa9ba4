import { cardAfter } from '../../../../local-cloud/sagemaker/registry/model-card';

const CONTENT = '{"intended_uses":{"risk_rating":"Low"}}';

describe('cardAfter', () => {
  test('keeps what a change leaves out', () => {
    const card = { ModelCardContent: CONTENT, ModelCardStatus: 'Draft' } as const;

    expect(cardAfter(card, { ModelCardStatus: 'Approved' })).toEqual({ ...card, ModelCardStatus: 'Approved' });
    expect(cardAfter(card, undefined)).toBe(card);
  });

  test('fails on new content of an archived card', () => {
    const card = { ModelCardContent: CONTENT, ModelCardStatus: 'Archived' } as const;

    expect(() => cardAfter(card, { ModelCardContent: '{}' })).toThrow('Model Card is in Archived state');
    expect(cardAfter(card, { ModelCardStatus: 'Draft' })).toMatchObject({ ModelCardStatus: 'Draft' });
  });

  test.each(['weather', '[]', '1', 'null'])('fails on content that is no JSON object: %s', content => {
    expect(() => cardAfter(undefined, { ModelCardContent: content })).toThrow(/must be a JSON object/);
  });
});
