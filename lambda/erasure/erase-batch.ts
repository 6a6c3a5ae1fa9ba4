import { sha256 } from '../shared/canonical-json';
import { parseReadyManifest, READY_FILE, type ReadyManifest } from '../shared/pipeline/ready-manifest';
import { eraseRows, type Subject } from './erase-rows';
import type { BatchStore, Declaration, ObjectVersion } from './ports';

/** What became of one batch; neither a key of a person nor a row is in it. */
export type ErasedBatch =
  | {
      outcome: 'erased';
      /** Rows that went now; none where an earlier run got that far. */
      rows: number;
      /** Versions of objects that went: they may have held the rows. */
      versions: number;
      /** Files that nothing declares and nobody has looked into. */
      undeclared: string[];
    }
  | { outcome: 'problem'; reason: string };

/** How a file is called from which rows were erased: by its content, so it never replaces another. */
const ERASED_SUFFIX = /\.erased-[0-9a-f]{16}$/;
const DIGITS = 16;

/**
 * Erases a person from one batch. The files without the rows are written beside those with them, then the declaration is
 * replaced, which is the one moment at which the batch changes; only then are the old versions deleted, the declarations
 * that name them last. So whoever is stopped anywhere leaves a whole batch, and doing it again goes on from there.
 */
export async function eraseBatch(subject: Subject, batch: BatchStore): Promise<ErasedBatch> {
  const declaration = await batch.declaration();
  if (declaration === undefined) return eraseDeleted(batch);
  const parsed = parseReadyManifest(declaration.text);
  if ('problem' in parsed) return { outcome: 'problem', reason: parsed.problem };

  const files: ReadyManifest['files'] = [];
  let erased = 0;
  for (const file of parsed.manifest.files) {
    const left = await eraseFile(file, subject, batch);
    if ('problem' in left) return { outcome: 'problem', reason: left.problem };
    erased += left.erased;
    files.push(left.file);
  }
  const etag = erased > 0 ? await declare({ ...parsed.manifest, files }, declaration, batch) : declaration.etag;

  const { versions, undeclared } = await sweep({ etag, files: new Set(files.map(({ key }) => key)) }, batch);
  return { outcome: 'erased', rows: erased, versions, undeclared };
}

/** A batch that somebody deleted is still there as old versions; one that is landing may hold the person tomorrow. */
async function eraseDeleted(batch: BatchStore): Promise<ErasedBatch> {
  const versions = await batch.versions();
  if (versions.some(({ isLatest, isMarker }) => isLatest && !isMarker)) {
    return { outcome: 'problem', reason: `it has no '${READY_FILE}', it is still landing` };
  }
  await batch.remove(versions);
  await batch.removeCurated('all');
  return { outcome: 'erased', rows: 0, versions: versions.filter(({ isMarker }) => !isMarker).length, undeclared: [] };
}

async function eraseFile(
  file: ReadyManifest['files'][number],
  subject: Subject,
  batch: BatchStore,
): Promise<{ file: ReadyManifest['files'][number]; erased: number } | { problem: string }> {
  const text = await batch.read(file.key);
  if (text === undefined) return { problem: `file '${file.key}' is declared but not there` };
  // to declare anew what is not what was declared would make a broken file a good one
  if (sha256(text) !== file.sha256) {
    return { problem: `file '${file.key}' is not what '${READY_FILE}' declares, it was changed or cut short` };
  }
  const left = eraseRows(file.key, text, subject);
  if ('problem' in left) return left;
  const rows = left.rows + left.erased;
  // validation refused it; to declare the true number would make a broken file a good one
  if (rows !== file.rows) {
    return { problem: `file '${file.key}' has ${rows} rows, declared are ${file.rows}, land the batch again` };
  }
  if (left.erased === 0) return { file, erased: 0 };
  const digest = sha256(left.text);
  const key = `${file.key.replace(ERASED_SUFFIX, '')}.erased-${digest.slice(0, DIGITS)}`;
  await batch.write(key, left.text);
  return { file: { key, rows: left.rows, sha256: digest }, erased: left.erased };
}

/** With the time of the landing: the batch is no newer than it was, and brings nothing to train on. */
function declare({ files, landedAt }: ReadyManifest, read: Declaration, batch: BatchStore): Promise<string> {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  return batch.replaceDeclaration(JSON.stringify({ files, rows, landedAt: landedAt ?? read.writtenAt }), read);
}

/** Deletes what was replaced: every old version, and the files that only old declarations name. */
async function sweep(
  { etag, files: declared }: { etag: string; files: ReadonlySet<string> },
  batch: BatchStore,
): Promise<{ versions: number; undeclared: string[] }> {
  const all = await batch.versions();
  const oldDeclarations = all.filter(({ key, isLatest }) => key === READY_FILE && !isLatest);
  const replaced = await namedBy(oldDeclarations, batch);
  const isOld = ({ key, isLatest }: ObjectVersion): boolean => !isLatest || (!declared.has(key) && isReplaced(key));
  const isReplaced = (key: string): boolean => replaced.has(key) || ERASED_SUFFIX.test(key);
  const files = all.filter(version => version.key !== READY_FILE && isOld(version));
  await mustBeDeclared(etag, declared, all, batch);
  await batch.remove(files);
  // a batch that never was another needs no second validation; one that ended late may have set rows aside that are gone
  const isKept = files.length + oldDeclarations.length === 0 && (await batch.isValidated(etag));
  await batch.removeCurated(isKept ? 'old' : 'all');
  // they are how a run that was stopped knows the files above
  await batch.remove(oldDeclarations);
  const undeclared = all.filter(
    version => version.key !== READY_FILE && !version.isMarker && !isOld(version) && !declared.has(version.key),
  );
  return { versions: files.length, undeclared: undeclared.map(({ key }) => key) };
}

/** Fails before anything goes that another declaration names, or that is all there is of a file. */
async function mustBeDeclared(
  etag: string,
  declared: ReadonlySet<string>,
  all: readonly ObjectVersion[],
  batch: BatchStore,
): Promise<void> {
  const there = new Set(all.filter(({ isLatest, isMarker }) => isLatest && !isMarker).map(({ key }) => key));
  const missing = [...declared].find(key => !there.has(key));
  if (missing !== undefined) throw new Error(`file '${missing}' went while somebody was erased: erase again`);
  if ((await batch.declaration())?.etag !== etag)
    throw new Error(`'${READY_FILE}' was replaced while somebody was erased: erase again`);
}

async function namedBy(declarations: readonly ObjectVersion[], batch: BatchStore): Promise<Set<string>> {
  const names = new Set<string>();
  for (const { key, versionId, isMarker } of declarations) {
    const text = isMarker ? undefined : await batch.read(key, versionId);
    const parsed = text === undefined ? undefined : parseReadyManifest(text);
    if (parsed !== undefined && 'manifest' in parsed) parsed.manifest.files.forEach(file => names.add(file.key));
  }
  return names;
}
