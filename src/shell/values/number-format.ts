// .NET's numeric format strings for en-US: standard (N2, F1, D3, X4, P0, C, E, G) and custom (#,##0.00, 000). Pure.
import { ScriptError } from './script-error.ts';
import { numberText } from './text.ts';

const STANDARD = /^([a-zA-Z])(\d{0,2})$/;

function formatError(): ScriptError {
  return new ScriptError('Error formatting a string: Format specifier was invalid.', {
    category: 'InvalidOperation',
    errorId: 'FormatError',
    exception: 'System.FormatException',
  });
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Rounds half away from zero on the decimal digits as printed, as .NET does. */
function fixed(number: number, decimals: number): string {
  const size = Math.abs(number);
  if (size >= 1e21)
    return BigInt(Math.round(size)).toString() + (decimals > 0 ? `.${'0'.repeat(decimals)}` : '');
  const shortest = String(size);
  if (!shortest.includes('e')) {
    const [whole = '0', fraction = ''] = shortest.split('.');
    if (fraction.length > decimals && fraction[decimals] === '5' && /^50*$/.test(fraction.slice(decimals))) {
      const kept = BigInt(whole + fraction.slice(0, decimals)) + 1n;
      const text = kept.toString().padStart(decimals + 1, '0');
      return decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
    }
  }
  return size.toFixed(decimals);
}

function withGroups(text: string): string {
  const [whole = '0', fraction] = text.split('.');
  return fraction === undefined ? grouped(whole) : `${grouped(whole)}.${fraction}`;
}

function standard(number: number, letter: string, digits: string): string {
  const precision = digits === '' ? null : Number(digits);
  const negative = number < 0 && Number(fixed(number, precision ?? 2)) !== 0;
  const sign = negative ? '-' : '';
  switch (letter.toUpperCase()) {
    case 'N':
      return sign + withGroups(fixed(number, precision ?? 2));
    case 'F':
      return sign + fixed(number, precision ?? 2);
    case 'P': {
      const text = withGroups(fixed(number * 100, precision ?? 2));
      return `${number < 0 ? '-' : ''}${text}%`;
    }
    case 'C': {
      const text = withGroups(fixed(number, precision ?? 2));
      return number < 0 ? `-$${text}` : `$${text}`;
    }
    case 'D':
      if (!Number.isInteger(number)) throw formatError();
      return (number < 0 ? '-' : '') + numberText(Math.abs(number)).padStart(precision ?? 0, '0');
    case 'X': {
      if (!Number.isInteger(number)) throw formatError();
      const whole =
        number < 0 ? BigInt.asUintN(number < -(2 ** 31) ? 64 : 32, BigInt(number)) : BigInt(number);
      const text = whole.toString(16).padStart(precision ?? 0, '0');
      return letter === 'X' ? text.toUpperCase() : text;
    }
    case 'E': {
      const [mantissa = '0', exponent = '+0'] = number.toExponential(precision ?? 6).split('e');
      return `${mantissa}${letter}${exponent[0] ?? '+'}${exponent.slice(1).padStart(3, '0')}`;
    }
    case 'G':
    case 'R':
      return precision ? numberText(Number(number.toPrecision(precision))) : numberText(number);
    default:
      throw formatError();
  }
}

function custom(number: number, format: string): string {
  const sections = format.split(/;(?=(?:[^'"]|'[^']*'|"[^"]*")*$)/);
  let section = sections[0] ?? '';
  let value = number;
  if (value < 0 && sections[1]) {
    section = sections[1];
    value = -value;
  } else if (value === 0 && sections[2]) section = sections[2];
  const bare = section.replace(/'[^']*'|"[^"]*"|\\./g, '');
  const [wholePart = '', fractionPart = ''] = bare.split('.');
  if (bare.includes('%')) value *= 100;
  const places = fractionPart.replace(/[^0#]/g, '');
  const [whole = '0', fraction = ''] = fixed(value, places.length).split('.');
  const least = places.lastIndexOf('0') + 1;
  const kept = fraction.slice(0, Math.max(least, fraction.replace(/0+$/, '').length));
  const minimum =
    wholePart.replace(/[^0#]/g, '').length - Math.max(0, wholePart.replace(/[^0#]/g, '').indexOf('0'));
  const wanted = wholePart.includes('0') ? minimum : 0;
  let digits = (whole === '0' && wanted === 0 ? '' : whole).padStart(wanted, '0');
  if (/[0#],+[0#]/.test(wholePart)) digits = grouped(digits);
  const text = `${value < 0 && Number(whole + fraction) !== 0 ? '-' : ''}${digits}${kept === '' ? '' : `.${kept}`}`;
  let placed = false;
  return section.replace(
    /'([^']*)'|"([^"]*)"|\\(.)|[0#][0#,.]*|\.[0#]+/g,
    (whole2, single?: string, double?: string, escaped?: string) => {
      const literal = single ?? double ?? escaped;
      if (literal !== undefined) return literal;
      if (placed) return whole2.replace(/[0#,.]/g, '');
      placed = true;
      return text;
    },
  );
}

/** Throws ScriptError for a specifier that .NET doesn't know or that needs a whole number. */
export function formatNumber(number: number, format: string): string {
  if (format === '') return numberText(number);
  const found = STANDARD.exec(format);
  return found ? standard(number, found[1] ?? 'G', found[2] ?? '') : custom(number, format);
}
