import { canonicalJson, sha256 } from '../shared/canonical-json';
import type { ModelSchema } from '../shared/contracts';
import { columnNames } from './columns';
import { csvLine } from './csv-file';
import type { Split } from './split';

/** A raw file that went into the snapshot. */
export interface SnapshotSource {
  key: string;
  sha256: string;
}

/** An immutable data set, named by the digest of its manifest. */
export interface SnapshotFiles {
  digest: string;
  /** File name → content; `manifest.json` is the last, so where it is, the others are. */
  files: { name: string; content: string; contentType: string }[];
}

/** Makes a snapshot's files. The manifest holds content only, no times: the same data have the same name. */
export function snapshotFiles(schema: ModelSchema, split: Split, sources: SnapshotSource[]): SnapshotFiles {
  const header = csvLine(columnNames(schema));
  const csv = (rows: string[]): string => [header, ...rows, ''].join('\n');
  const parts = [
    { name: 'train.csv', content: csv(split.train), contentType: 'text/csv', source: sources },
    { name: 'holdout.csv', content: csv(split.holdout), contentType: 'text/csv', source: sources },
    { name: 'schema.json', content: canonicalJson(schema), contentType: 'application/json', source: [] },
  ];
  const manifest = canonicalJson({
    files: parts.map(({ name, content, source }) => ({
      key: name,
      size: Buffer.byteLength(content),
      sha256: sha256(content),
      source,
    })),
  });
  return {
    digest: sha256(manifest),
    files: [
      ...parts.map(({ name, content, contentType }) => ({ name, content, contentType })),
      { name: 'manifest.json', content: manifest, contentType: 'application/json' },
    ],
  };
}
