// Parameters that name a file: the daemon reads no file for anybody, so the shell reads it, as the person who runs the
// shell, and gives its text in place of the path. Where the text itself is given too, the file isn't read.
import type { CmdletMetadata } from '#parameters/metadata.ts';
import type { Value } from '#parameters/value.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { filesOf } from './files.ts';
import type { Frame } from './frame.ts';

/** Throws ScriptError where a file can't be read. */
export async function readFileParameters(
  { parameters: declared }: CmdletMetadata,
  given: Readonly<Record<string, Value>>,
  frame: Frame,
): Promise<Readonly<Record<string, Value>>> {
  const entries = new Map(Object.entries(given));
  for (const { name, fileFor } of declared) {
    const path = entries.get(name);
    if (fileFor === undefined || path === undefined || entries.has(fileFor)) continue;
    const text = await readFile(toText(path), frame);
    entries.set(
      fileFor,
      declared.find((one) => one.name === fileFor)?.isList === true ? linesOf(text) : text,
    );
    entries.delete(name);
  }
  return entries.size === 0 ? given : Object.fromEntries(entries);
}

/** Text values have a largest length: a list of texts holds as many whole lines each as fit. */
const MAX_TEXT = 30_000;

function linesOf(text: string): readonly string[] {
  const texts: string[] = [];
  let lines: string[] = [];
  let length = 0;
  for (const line of text.split(/\r?\n/)) {
    if (lines.length > 0 && length + line.length > MAX_TEXT) {
      texts.push(lines.join('\n'));
      lines = [];
      length = 0;
    }
    lines.push(line);
    length += line.length + 1;
  }
  return [...texts, lines.join('\n')];
}

async function readFile(name: string, frame: Frame): Promise<string> {
  const files = filesOf(frame);
  const path = files.resolve(name);
  if ((await files.exists(path)) !== 'file') {
    throw new ScriptError(`Cannot find path '${path}' because it does not exist.`, {
      category: 'ObjectNotFound',
      errorId: 'PathNotFound',
      exception: 'System.Management.Automation.ItemNotFoundException',
      target: path,
    });
  }
  return (await files.readText(path)).replace(/^\uFEFF/, '');
}
