// How Get- cmdlets of configured objects write a list: one by one as the caller takes them, up to -ResultSize, and with
// Exchange's warning where there was more.
import type { PsObject } from '#parameters/value.ts';
import type { CmdletContext } from './cmdlet.ts';

const MORE =
  'There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter.';

export async function writeObjects<T>(
  context: CmdletContext<unknown>,
  objects: readonly T[],
  resultSize: number | 'Unlimited',
  show: (object: T) => PsObject,
): Promise<void> {
  const limit = resultSize === 'Unlimited' ? objects.length : resultSize;
  for (const object of objects.slice(0, limit)) await context.output(show(object));
  if (objects.length > limit) context.warning(MORE);
}
