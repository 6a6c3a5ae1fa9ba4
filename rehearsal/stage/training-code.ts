import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import type { Scene } from './scene';
import { MODEL } from './target';

/** Where uploaded training code lies, as the pipeline's input wants it. */
export interface UploadedCode {
  readonly uri: string;
  readonly digest: string;
}

/** Packs a folder of training code and puts it beside the runs, as a team's CI does after a merge. */
export async function uploadTrainingCode(scene: Scene, folder: string): Promise<UploadedCode> {
  const packed = mkdtempSync(join(tmpdir(), 'training-code-'));
  try {
    const file = join(packed, 'sourcedir.tar.gz');
    const names = readdirSync(folder)
      .filter(name => name.endsWith('.py'))
      .sort();
    // portable leaves out who packed it and when, so that the same code has the same digest
    await create({ file, cwd: folder, gzip: true, portable: true, mtime: new Date(0) }, names);
    const body = readFileSync(file);
    const digest = createHash('sha256').update(body).digest('hex');
    const bucket = scene.platform.output('ArtifactBucketName');
    const key = `${MODEL}/code/${digest}/sourcedir.tar.gz`;
    await scene.platform.putObject(bucket, key, body);
    return { uri: `s3://${bucket}/${key}`, digest };
  } finally {
    rmSync(packed, { recursive: true });
  }
}
