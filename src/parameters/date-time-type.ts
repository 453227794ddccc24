// Points in time as parameters (connectors.md rule 14): UTC text or a DateTime in, milliseconds since 1970 inside,
// a DateTime in UTC out.
import { DateTime } from './date-time.ts';
import { cannotConvert, defineType, single } from './parameter-type.ts';
import type { ParameterType } from './parameter-type.ts';

/**
 * Milliseconds since 1970. A text or DateTime without a zone counts as UTC (Postern: the gateway's and the
 * administrator's local time may differ, and Exchange Online takes dates as UTC too).
 */
export const dateTimeType: ParameterType<number> = defineType({
  name: 'DateTime',
  schema: { type: 'string', format: 'date-time' },
  read: (value) => {
    const one = single(value);
    const time = typeof one === 'string' ? DateTime.parse(one) : one instanceof DateTime ? one : null;
    if (time === null) {
      throw cannotConvert(
        value,
        'System.DateTime',
        'Error: "String was not recognized as a valid DateTime." Give a time in UTC: "2016-05-06 14:30:00Z".',
      );
    }
    return (time.kind === 'Unspecified' ? time.withKind('Utc') : time).toUtcMilliseconds();
  },
  print: (milliseconds) => DateTime.fromUtcMilliseconds(milliseconds),
});
