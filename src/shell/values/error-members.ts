// What scripts read from $_ in a catch block and from $Error: the properties of error records and exceptions.
import { PsObject, type Value } from '#parameters/value.ts';
import { placeOf } from '#shell/syntax/source-text.ts';
import type { ErrorRecordValue } from './error-record.ts';
import type { ExceptionValue } from './exception-value.ts';

function invocationInfo(record: ErrorRecordValue): PsObject {
  const place = record.position ? placeOf(record.position.source, record.position.extent.start) : null;
  const { command, position } = record;
  return new PsObject('System.Management.Automation.InvocationInfo', [
    [
      'MyCommand',
      command === null ? null : new PsObject('System.Management.Automation.CommandInfo', [['Name', command]]),
    ],
    ['ScriptLineNumber', place?.line ?? 0],
    ['OffsetInLine', place?.column ?? 0],
    ['ScriptName', position?.source.file ?? ''],
    ['Line', place?.text ?? ''],
    ['PositionMessage', record.positionMessage],
    ['InvocationName', command ?? ''],
  ]);
}

function categoryInfo(record: ErrorRecordValue): PsObject {
  return new PsObject('System.Management.Automation.ErrorCategoryInfo', [
    ['Category', record.category],
    ['Activity', record.command ?? ''],
    ['Reason', record.exception.shortName],
    ['TargetName', record.targetName],
    ['TargetType', record.targetType],
  ]);
}

export function errorRecordProperty(record: ErrorRecordValue, key: string): Value | undefined {
  switch (key) {
    case 'exception':
      return record.exception;
    case 'categoryinfo':
      return categoryInfo(record);
    case 'fullyqualifiederrorid':
      return record.fullyQualifiedErrorId;
    case 'targetobject':
      return record.target;
    case 'invocationinfo':
      return invocationInfo(record);
    case 'errordetails':
      return record.message === record.exception.message
        ? null
        : new PsObject('System.Management.Automation.ErrorDetails', [['Message', record.message]]);
    case 'scriptstacktrace': {
      if (!record.position) return '';
      const place = placeOf(record.position.source, record.position.extent.start);
      return `at <ScriptBlock>, ${record.position.source.file ?? '<No file>'}: line ${place.line}`;
    }
    default:
      return undefined;
  }
}

export const ERROR_RECORD_PROPERTIES = [
  'Exception',
  'TargetObject',
  'CategoryInfo',
  'FullyQualifiedErrorId',
  'ErrorDetails',
  'InvocationInfo',
  'ScriptStackTrace',
];

export function exceptionProperty(exception: ExceptionValue, key: string): Value | undefined {
  switch (key) {
    case 'message':
      return exception.message;
    case 'innerexception':
      return exception.inner;
    case 'hresult':
      return -2146233087;
    case 'stacktrace':
    case 'source':
    case 'helplink':
    case 'targetsite':
      return null;
    case 'data':
      return null;
    default:
      for (const [name, value] of exception.details) if (name.toLowerCase() === key) return value;
      return undefined;
  }
}
