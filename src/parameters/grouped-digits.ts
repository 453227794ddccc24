// Numbers for people: 1,234,567. As Intl writes them for en-US, whose tables would take seven megabytes of the gateway.

/** Of a whole number. */
export function groupedDigits(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
