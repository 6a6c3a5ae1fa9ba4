import { leastBytes, leastJsonBytes } from './least-bytes';
import { LOG_RETENTION_DAYS } from './log-retention-days';
import { type Finding, isObject, type Limit, resourcesOf, type Template } from './template';

/** What CloudFormation takes from S3: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const MAX_TEMPLATE_BYTES = 1_000_000;
const MAX_ENVIRONMENT_BYTES = 4096;
const MAX_DEFINITION_BYTES = 1_048_576;
const MAX_EVENT_PATTERN_BYTES = 4096;
const MAX_SERVICE_TIMEOUT_SECONDS = 3600;
/** What a parameter holds, by its tier; intelligent tiering takes the next one where it must. */
const MAX_PARAMETER_BYTES: Readonly<Record<string, number>> = {
  Standard: 4096,
  Advanced: 8192,
  'Intelligent-Tiering': 8192,
};
/** Firehose makes Parquet or ORC of this much at a time, or more. */
const MIN_CONVERSION_MEBIBYTES = 64;

/** Values that the services would not take, each for a reason of its own. */
export const valueLimits: readonly Limit[] = [
  { name: 'template-size', findings: templateTooLarge },
  { name: 'function-environment-size', findings: environmentTooLarge },
  { name: 'parameter-size', findings: parameterTooLarge },
  { name: 'state-machine-definition-size', findings: definitionTooLarge },
  { name: 'log-retention', findings: unknownRetention },
  { name: 'custom-resource-timeout', findings: serviceTimeoutTooLong },
  { name: 'event-pattern-size', findings: eventPatternTooLarge },
  { name: 'firehose-buffering', findings: bufferTooSmall },
];

function templateTooLarge(_: Template, text: string): Finding[] {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_TEMPLATE_BYTES) return [];
  return [
    {
      location: 'Resources',
      message: `the template has ${bytes} bytes, must have at most ${MAX_TEMPLATE_BYTES}: make two stacks of it, or give the stack 'suppressTemplateIndentation: true'`,
    },
  ];
}

function environmentTooLarge(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::Lambda::Function').flatMap(([logicalId, { Environment }]) => {
    const variables = isObject(Environment) && isObject(Environment.Variables) ? Environment.Variables : {};
    const sizes = Object.entries(variables).map(([name, value]): [string, number] => [
      name,
      Buffer.byteLength(name) + leastBytes(value),
    ]);
    const bytes = sizes.reduce((total, [, size]) => total + size, 0);
    if (bytes <= MAX_ENVIRONMENT_BYTES) return [];
    const [[largest, most] = ['', 0]] = sizes.sort(([, one], [, other]) => other - one);
    return [
      {
        logicalId,
        location: 'Properties/Environment',
        message: `'Environment' has ${bytes} bytes or more, must have at most ${MAX_ENVIRONMENT_BYTES}: put '${largest}', which takes ${most} of them, into an SSM parameter or a file`,
      },
    ];
  });
}

function parameterTooLarge(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::SSM::Parameter').flatMap(([logicalId, { Value, Tier }]) => {
    const tier = typeof Tier === 'string' ? Tier : 'Standard';
    const max = MAX_PARAMETER_BYTES[tier] ?? Infinity;
    const bytes = leastBytes(Value);
    if (bytes <= max) return [];
    const fix = max < 8192 ? "give it the tier 'Intelligent-Tiering', which takes 8192" : 'make two parameters of it';
    return [
      {
        logicalId,
        location: 'Properties/Value',
        message: `'Value' has ${bytes} bytes or more, must have at most ${max} in the tier '${tier}': ${fix}`,
      },
    ];
  });
}

function definitionTooLarge(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::StepFunctions::StateMachine').flatMap(([logicalId, { DefinitionString }]) => {
    const bytes = leastBytes(DefinitionString);
    if (DefinitionString === undefined || bytes <= MAX_DEFINITION_BYTES) return [];
    return [
      {
        logicalId,
        location: 'Properties/DefinitionString',
        message: `'DefinitionString' has ${bytes} bytes or more, must have at most ${MAX_DEFINITION_BYTES}: move some states to a machine of their own`,
      },
    ];
  });
}

function unknownRetention(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::Logs::LogGroup').flatMap(([logicalId, { RetentionInDays: days }]) => {
    if (typeof days !== 'number' || LOG_RETENTION_DAYS.includes(days)) return [];
    const longer = LOG_RETENTION_DAYS.find(candidate => candidate > days);
    return [
      {
        logicalId,
        location: 'Properties/RetentionInDays',
        message: `'RetentionInDays' is ${days}, must be one of ${LOG_RETENTION_DAYS.join(', ')}${
          longer === undefined ? '; leave it out to keep logs for ever' : `: ${longer} is the next longer`
        }`,
      },
    ];
  });
}

function serviceTimeoutTooLong(template: Template): Finding[] {
  return Object.entries(template.Resources ?? {})
    .filter(([, { Type }]) => Type.startsWith('Custom::') || Type === 'AWS::CloudFormation::CustomResource')
    .flatMap(([logicalId, { Properties }]) => {
      const seconds = Number(Properties?.ServiceTimeout ?? MAX_SERVICE_TIMEOUT_SECONDS);
      if (!(seconds > MAX_SERVICE_TIMEOUT_SECONDS || seconds < 1)) return [];
      return [
        {
          logicalId,
          location: 'Properties/ServiceTimeout',
          message: `'ServiceTimeout' is ${seconds} seconds, must be from 1 to ${MAX_SERVICE_TIMEOUT_SECONDS}: what takes longer belongs in a state machine`,
        },
      ];
    });
}

function eventPatternTooLarge(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::Events::Rule').flatMap(([logicalId, { EventPattern }]) => {
    const bytes = leastJsonBytes(EventPattern);
    if (bytes <= MAX_EVENT_PATTERN_BYTES) return [];
    return [
      {
        logicalId,
        location: 'Properties/EventPattern',
        message: `'EventPattern' has ${bytes} bytes, must have at most ${MAX_EVENT_PATTERN_BYTES}: match a common prefix instead of each name`,
      },
    ];
  });
}

function bufferTooSmall(template: Template): Finding[] {
  return resourcesOf(template, 'AWS::KinesisFirehose::DeliveryStream').flatMap(([logicalId, properties]) => {
    const destination = properties.ExtendedS3DestinationConfiguration;
    if (!isObject(destination) || !isObject(destination.BufferingHints)) return [];
    const { DataFormatConversionConfiguration: conversion, BufferingHints: hints } = destination;
    const converts = isObject(conversion) && conversion.Enabled !== false;
    if (!converts || typeof hints.SizeInMBs !== 'number' || hints.SizeInMBs >= MIN_CONVERSION_MEBIBYTES) return [];
    return [
      {
        logicalId,
        location: 'Properties/ExtendedS3DestinationConfiguration/BufferingHints/SizeInMBs',
        message: `'SizeInMBs' is ${hints.SizeInMBs}, must be at least ${MIN_CONVERSION_MEBIBYTES} where the format is converted: buffer for a shorter time instead`,
      },
    ];
  });
}
