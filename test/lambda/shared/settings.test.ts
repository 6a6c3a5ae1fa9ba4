import { Settings, SettingsError } from '../../../lambda/shared/settings';
import { fakeClient, serviceError } from '../support/fake-client';

const REACTION = {
  alarms: { predictionDrift: 'p', quality: 'q', inputDrift: 'i', heartbeat: 'h', samples: 's' },
  rollbackWindowSeconds: 259200,
  cooldownSeconds: 21600,
  retrain: true,
};

function settingsAnswering(value: string) {
  const { client, sent } = fakeClient({ GetParameter: () => ({ Parameter: { Value: value } }) });
  return { settings: new Settings(client, 'local'), sent };
}

describe('Settings', () => {
  test('reads a part of a model by its name', async () => {
    // GIVEN
    const { settings, sent } = settingsAnswering(JSON.stringify(REACTION));

    // WHEN
    const reaction = await settings.reaction('rain');

    // THEN
    expect(reaction).toEqual(REACTION);
    expect(sent).toEqual([{ name: 'GetParameter', input: { Name: '/mlops/local/rain/reaction' } }]);
  });

  test('fails naming the parameter that is not there', async () => {
    // GIVEN
    const { client } = fakeClient({
      GetParameter: () => {
        throw serviceError('ParameterNotFound');
      },
    });

    // WHEN
    const reading = new Settings(client, 'local').serving('rain');

    // THEN
    await expect(reading).rejects.toThrow(
      "parameter '/mlops/local/rain/serving' not found, deploy the stack of this model first",
    );
    await expect(reading).rejects.toMatchObject({ name: 'SettingsError', missing: true });
  });

  test('fails naming the field that does not have the agreed shape', async () => {
    // GIVEN
    const { settings } = settingsAnswering(JSON.stringify({ ...REACTION, cooldownSeconds: -1 }));

    // WHEN / THEN
    await expect(settings.reaction('rain')).rejects.toThrow(/'cooldownSeconds'.*deploy the stack of 'rain' again/);
  });

  test('fails on what is not JSON', async () => {
    const { settings } = settingsAnswering('{oops');
    await expect(settings.reaction('rain')).rejects.toThrow("must hold JSON, got '{oops'");
    await expect(settings.reaction('rain')).rejects.toBeInstanceOf(SettingsError);
  });

  test('passes on a fault of the service, for the caller to retry', async () => {
    // GIVEN
    const { client } = fakeClient({
      GetParameter: () => {
        throw serviceError('ThrottlingException');
      },
    });

    // WHEN / THEN
    await expect(new Settings(client, 'local').reaction('rain')).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});
