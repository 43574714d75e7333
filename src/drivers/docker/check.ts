import type { Finding } from '../../model/api.ts';
import { type EngineClient, EngineError, notDocker } from './engine-client.ts';
import { cannotBoundDisk, DISK_BOUND_NEEDS, engineWords } from './engine-words.ts';

/** The oldest API that has all we ask for: that of Docker 19.03. */
const LEAST_API = 1.4;

/**
 * What is in order with Docker and what is not: whether it can be reached, what that is worth, how old it is, whether it sees the
 * folders of this machine, and whether it can bound a disk. Without Docker there is one warning, since nobody may need it.
 */
export async function checkDocker(engine: EngineClient, folder: string): Promise<readonly Finding[]> {
  try {
    const version = (await engine.call('GET', '/version')) as VersionAnswer;
    const info = (await engine.call('GET', '/info')) as { SecurityOptions: readonly string[] | null };
    return [
      versionFinding(version, engine.socketPath),
      rightsFinding(info.SecurityOptions ?? []),
      ...(await containerFindings(engine, folder)),
    ];
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return [{ name: 'docker', level: 'warning', message: engineWords(error, engine.socketPath) }];
  }
}

interface VersionAnswer {
  readonly Version: string;
  readonly ApiVersion: string;
}

function versionFinding(version: VersionAnswer, socketPath: string): Finding {
  const { Version, ApiVersion } = version;
  if (typeof ApiVersion !== 'string') throw notDocker(JSON.stringify(version));
  const [major = 0, minor = 0] = ApiVersion.split('.').map(Number);
  const isOld = major + minor / 100 < LEAST_API;
  const message = `Docker ${Version} on ${socketPath}${isOld ? ' is too old: tasks need 19.03 or newer' : ''}`;
  return { name: 'docker', level: isOld ? 'error' : 'ok', message };
}

function rightsFinding(options: readonly string[]): Finding {
  const name = 'docker rights';
  if (options.some((option) => option.startsWith('name=rootless'))) {
    return { name, level: 'ok', message: 'Docker is rootless' };
  }
  const message =
    'who may use the socket of Docker is as good as root on this machine, the daemon included; rootless Docker is safer';
  return { name, level: 'warning', message };
}

/**
 * The engine may be elsewhere, or in a container: then it does not see what tasks share. And few can bound a disk. Nothing is started
 * to find out.
 */
async function containerFindings(engine: EngineClient, folder: string): Promise<readonly Finding[]> {
  const [image] = (await engine.call('GET', '/images/json')) as readonly { Id: string }[];
  if (!image) {
    return [{ name: 'docker mounts', level: 'ok', message: 'not looked at, since there is no image yet' }];
  }
  return [await sightFinding(engine, image.Id, folder), await diskFinding(engine, image.Id)];
}

async function sightFinding(engine: EngineClient, image: string, folder: string): Promise<Finding> {
  const name = 'docker mounts';
  const mounts = [{ Type: 'bind', Source: folder, Target: folder, ReadOnly: true }];
  const refusal = await refusalToMake(engine, image, { Mounts: mounts });
  if (refusal === null) return { name, level: 'ok', message: `Docker sees ${folder}` };
  if (!/bind source path does not exist/.test(refusal.message)) throw refusal;
  const message = `Docker does not see ${folder}: it runs on another machine or in a container; tasks need it here`;
  return { name, level: 'error', message };
}

/** Not to be able to is how engines usually are, and nothing to be warned of: a task that wants it is told. */
async function diskFinding(engine: EngineClient, image: string): Promise<Finding> {
  const refusal = await refusalToMake(engine, image, { StorageOpt: { size: '1g' } });
  if (refusal !== null && !cannotBoundDisk(refusal)) throw refusal;
  const message = refusal ? `\`resources.disk\` is not kept: ${DISK_BOUND_NEEDS}` : '`resources.disk` is kept';
  return { name: 'docker disk', level: 'ok', message };
}

/** Why the engine makes no such container; null when it does. It is taken away at once. */
async function refusalToMake(engine: EngineClient, image: string, hostConfig: object): Promise<EngineError | null> {
  const body = { Image: image, Cmd: ['true'], HostConfig: hostConfig, Labels: { runner: 'doctor' } };
  try {
    const { Id } = (await engine.call('POST', '/containers/create', { body })) as { Id: string };
    await engine.call('DELETE', `/containers/${Id}`, { query: { v: '1' } });
    return null;
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}
