// The names of a value's properties in the order in which lists and tables show them.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { ERROR_RECORD_PROPERTIES } from './error-members.ts';
import { ErrorRecordValue } from './error-record.ts';
import { ExceptionValue } from './exception-value.ts';
import { Guid, InformationRecord, ListValue } from './object-values.ts';
import { TypeValue } from './type-value.ts';

const DATE_TIME =
  'DateTime Date Day DayOfWeek DayOfYear Hour Kind Millisecond Minute Month Second Ticks TimeOfDay Year'.split(
    ' ',
  );
const TIME_SPAN =
  'Ticks Days Hours Milliseconds Minutes Seconds TotalDays TotalHours TotalMilliseconds TotalMinutes TotalSeconds'.split(
    ' ',
  );

export function propertyNames(value: Value): readonly string[] {
  if (value instanceof PsObject) return [...value.properties.entries()].map(([name]) => name);
  if (value instanceof Hashtable) return ['Keys', 'Values', 'Count'];
  if (typeof value === 'string' || isList(value)) return ['Length'];
  if (value instanceof DateTime) return DATE_TIME;
  if (value instanceof TimeSpan) return TIME_SPAN;
  if (value instanceof Guid) return ['Guid'];
  if (value instanceof ListValue) return ['Capacity', 'Count'];
  if (value instanceof TypeValue) return ['Name', 'FullName', 'IsArray', 'BaseType'];
  if (value instanceof ErrorRecordValue) return ERROR_RECORD_PROPERTIES;
  if (value instanceof ExceptionValue)
    return ['Message', 'InnerException', 'HResult', 'StackTrace', ...value.details.keys()];
  if (value instanceof InformationRecord) return ['MessageData', 'Tags'];
  return [];
}
