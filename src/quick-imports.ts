// Finds Postern's own files by their names alone: './x.ts' and '../x.ts' as the importer sees them, '#folder/x.ts' below src/
// (package.json says the same). Node asks the file system several times for each import; that is half of what a one-shot
// cmdlet takes, and in the gateway work enough that V8 optimizes it, which leaves ten megabytes. Packages go the usual way.
import { registerHooks } from 'node:module';

const root = new URL('./', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL } = context;
    if (specifier.startsWith('node:')) return { url: specifier, format: 'builtin', shortCircuit: true };
    if (!specifier.endsWith('.ts') || parentURL?.startsWith(root) !== true) return next(specifier, context);
    if (specifier.startsWith('#')) return found(root + specifier.slice(1));
    if (specifier.startsWith('./'))
      return found(parentURL.slice(0, parentURL.lastIndexOf('/') + 1) + specifier.slice(2));
    if (specifier.startsWith('../')) return found(new URL(specifier, parentURL).href);
    return next(specifier, context);
  },
});

function found(url: string): { url: string; format: string; shortCircuit: true } {
  return { url, format: 'module-typescript', shortCircuit: true };
}
