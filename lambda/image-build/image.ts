import type { StoredImage } from '../shared/ecr-images';

/** An image that must be in its repository: under a tag that is made of its source, and so never means another one. */
export interface ImageRequest {
  readonly repositoryUri: string;
  readonly tag: string;
  /** Project that builds it and pushes it under the tag; without one it must be there. */
  readonly project?: string;
  /** The same for each try of one request. */
  readonly requestId: string;
}

/** A build as it is now. */
export interface Build {
  /** As CodeBuild writes it: `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, … */
  readonly status: string;
  /** Phase that ended it, and what CodeBuild says of it. */
  readonly phase?: string;
  readonly reason?: string;
  readonly logUrl?: string;
}

/** What became of the wish to start a build; `refused` is worth another try. */
export type Start = { readonly buildId: string } | { readonly refused: string };

/** Everything outside that the core needs. */
export interface Ports {
  now(): Date;
  wait(milliseconds: number): Promise<void>;
  image(uri: string): Promise<StoredImage>;
  /** Starts one build for a request, however often it is asked. */
  start(project: string, requestId: string): Promise<Start>;
  build(buildId: string): Promise<Build>;
}

/** The image by its digest, or the build that is still at it. */
export type ImageAnswer = { readonly digest: string } | { readonly buildId: string };

const POLL_MS = 10_000;
/** New rights take a minute to be known everywhere, and an account has only so many builds at a time. */
const PATIENCE_MS = 5 * 60_000;
/** Room for the log's address in a thousand characters, which is what CloudFormation takes. */
const MAX_REASON = 400;

/**
 * Sees to it that the image is in its repository and tells its digest. What is there is not built again; else a build
 * is started, or `buildId` waited for, until `until`, when whoever asks has to ask again.
 *
 * What counts is the image, not the build: of two builds of the same source one pushes, and the other is refused by the
 * repository, which lets no tag move.
 */
export async function ensureImage(
  request: ImageRequest,
  buildId: string | undefined,
  until: Date,
  ports: Ports,
): Promise<ImageAnswer> {
  const uri = `${request.repositoryUri}:${request.tag}`;
  let waitedFor = buildId;
  if (waitedFor === undefined) {
    const patience = new Date(Math.min(until.getTime(), ports.now().getTime() + PATIENCE_MS));
    const digest = await firstLook(uri, patience, ports);
    if (digest !== undefined) return { digest };
    waitedFor = await start(request, uri, patience, ports);
  }
  for (;;) {
    const build = await ports.build(waitedFor);
    if (build.status !== 'IN_PROGRESS') {
      const digest = await digestOf(uri, ports);
      if (digest !== undefined) return { digest };
      throw new Error(failure(uri, waitedFor, build));
    }
    if (isOver(until, ports)) return { buildId: waitedFor };
    await ports.wait(POLL_MS);
  }
}

async function start({ project, requestId }: ImageRequest, uri: string, patience: Date, ports: Ports): Promise<string> {
  if (project === undefined) {
    throw new Error(`image '${uri}' is not in its repository, deploy the stack that builds it first`);
  }
  for (;;) {
    const started = await ports.start(project, requestId);
    if ('buildId' in started) return started.buildId;
    if (isOver(patience, ports)) {
      throw new Error(
        `image '${uri}' was not built: project '${project}' starts no build: ${started.refused.slice(0, MAX_REASON)}`,
      );
    }
    await ports.wait(POLL_MS);
  }
}

/** The right to look may be as young as the one to build. */
async function firstLook(uri: string, patience: Date, ports: Ports): Promise<string | undefined> {
  for (;;) {
    try {
      return await digestOf(uri, ports);
    } catch (error) {
      const young = error instanceof Error && error.name === 'AccessDeniedException';
      if (!young || isOver(patience, ports)) throw error;
      await ports.wait(POLL_MS);
    }
  }
}

async function digestOf(uri: string, ports: Ports): Promise<string | undefined> {
  const image = await ports.image(uri);
  if (image.state === 'elsewhere') {
    throw new Error(`image '${uri}' must be in this account's registry in this region`);
  }
  return image.state === 'found' ? image.digest : undefined;
}

function isOver(until: Date, ports: Ports): boolean {
  return ports.now().getTime() + POLL_MS > until.getTime();
}

function failure(uri: string, buildId: string, { status, phase, reason, logUrl }: Build): string {
  const log = logUrl === undefined ? '' : `; its log: ${logUrl}`;
  if (status === 'SUCCEEDED') {
    return `image '${uri}' was not pushed: build '${buildId}' succeeded but left no image under the tag${log}`;
  }
  const where = phase === undefined ? '' : ` in phase ${phase}`;
  const why = reason === undefined ? '' : `: ${reason.slice(0, MAX_REASON)}`;
  return `image '${uri}' was not built: build '${buildId}' ended as ${status}${where}${why}${log}`;
}
