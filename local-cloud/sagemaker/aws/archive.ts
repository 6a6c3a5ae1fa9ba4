import { mkdir } from 'node:fs/promises';
import { create, extract } from 'tar';
import { filesUnder } from './s3-transfer';

/**
 * Packs a folder into a `tar.gz` whose bytes depend on names and contents alone: sorted, without owners, and all files
 * as old as the epoch, so that the same model has the same digest.
 */
export async function packFolder(folder: string, file: string): Promise<void> {
  const files = await filesUnder(folder);
  await create(
    { file, cwd: folder, gzip: { level: 6 }, portable: true, mtime: new Date(0), noDirRecurse: true },
    // an archive of nothing at all cannot be written: an empty folder is packed as itself
    files.length > 0 ? files : ['.'],
  );
}

/** Unpacks a `tar.gz` into a folder. */
export async function unpackArchive(file: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await extract({ file, cwd: folder });
}
