/**
 * Runs dependency-cruiser in a process of its own, because inside Jest's module registry it takes seconds to load.
 * `node cruise.mjs DIRECTORY…` prints, for each directory, the violations of the rules in `.dependency-cruiser.js`:
 * `[{ directory, modules, violations: [{ rule, from, to }] }]`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import config from '../../.dependency-cruiser.js';

const ROOTS = ['apps', 'libs', 'migrations', 'test'];

const results = [];
for (const directory of process.argv.slice(2)) {
  process.chdir(directory);
  const { output } = await cruise(
    ROOTS.filter((root) => existsSync(join(directory, root))),
    { ...config.options, baseDir: directory, ruleSet: { forbidden: config.forbidden }, validate: true },
    // The resolver is kept between runs otherwise, and would answer for the directory before this one.
    { ...config.options.enhancedResolveOptions, bustTheCache: true },
  );
  results.push({
    directory,
    modules: output.modules.length,
    violations: output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  });
}
process.stdout.write(JSON.stringify({ rules: config.forbidden.map(({ name }) => name), results }));
