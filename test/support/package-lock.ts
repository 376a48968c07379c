import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { optional?: boolean }>>;
}

export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

/** `package.json` and `package-lock.json`, asked about. */
export class PackageLock {
  readonly manifest = read('package.json') as Manifest;
  private readonly packages = (read('package-lock.json') as { packages: Record<string, Locked> }).packages;

  /** Every package that is installed without development, by its place. */
  production(): (Locked & { place: string })[] {
    return Object.entries(this.packages)
      .filter(([place, { dev }]) => place !== '' && dev !== true)
      .map(([place, locked]) => ({ ...locked, place }));
  }

  locked(name: string): Locked | undefined {
    return this.packages[`node_modules/${name}`];
  }

  /** The names of the packages that run a script of theirs when they are installed; sorted. */
  withInstallScript(): { name: string; development: boolean }[] {
    return Object.entries(this.packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([place, { dev }]) => ({ name: nameOf(place), development: dev === true }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** How many packages come with one, and with those, on every platform together. */
  broughtBy(name: string): number {
    const places = new Set<string>();
    const waiting = [`node_modules/${name}`];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (places.has(place)) continue;
      places.add(place);
      for (const needed of this.needsOf(place)) waiting.push(...this.placeOf(needed, place));
    }
    return places.size - 1;
  }

  private needsOf(place: string): string[] {
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = this.packages[place] ?? {};
    const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
    return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
  }

  /** Where a package that stands at a place finds another: beside itself or further up, as Node looks. */
  private placeOf(name: string, from: string): string[] {
    for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
      const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
      if (place in this.packages) return [place];
      if (folder === '') return [];
    }
  }
}

function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
