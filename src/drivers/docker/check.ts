import type { Finding } from '../../model/api.ts';
import { type EngineClient, EngineError } from './engine-client.ts';
import { engineWords } from './engine-words.ts';

/** The oldest API that has all we ask for: that of Docker 19.03. */
const LEAST_API = 1.4;

/**
 * What is in order with Docker and what is not: whether it can be reached, what that is worth, how old it is, and whether it sees
 * the folders of this machine. Without Docker there is one warning, since nobody may need it.
 */
export async function checkDocker(engine: EngineClient, folder: string): Promise<readonly Finding[]> {
  try {
    const version = (await engine.call('GET', '/version')) as { Version: string; ApiVersion: string };
    const info = (await engine.call('GET', '/info')) as { SecurityOptions: readonly string[] | null };
    return [
      versionFinding(version, engine.socketPath),
      rightsFinding(info.SecurityOptions ?? []),
      await sightFinding(engine, folder),
    ];
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return [{ name: 'docker', level: 'warning', message: engineWords(error, engine.socketPath) }];
  }
}

function versionFinding(version: { Version: string; ApiVersion: string }, socketPath: string): Finding {
  const { Version, ApiVersion } = version;
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

/** The engine may be elsewhere, or in a container: then it does not see what tasks share. Nothing is started to find out. */
async function sightFinding(engine: EngineClient, folder: string): Promise<Finding> {
  const name = 'docker mounts';
  const [image] = (await engine.call('GET', '/images/json')) as readonly { Id: string }[];
  if (!image) return { name, level: 'ok', message: 'not looked at, since there is no image yet' };
  const mounts = [{ Type: 'bind', Source: folder, Target: folder, ReadOnly: true }];
  const body = { Image: image.Id, Cmd: ['true'], HostConfig: { Mounts: mounts }, Labels: { runner: 'doctor' } };
  try {
    const { Id } = (await engine.call('POST', '/containers/create', { body })) as { Id: string };
    await engine.call('DELETE', `/containers/${Id}`, { query: { v: '1' } });
    return { name, level: 'ok', message: `Docker sees ${folder}` };
  } catch (error) {
    if (!(error instanceof EngineError) || !/bind source path does not exist/.test(error.message)) throw error;
    const message = `Docker does not see ${folder}: it runs on another machine or in a container; tasks need it here`;
    return { name, level: 'error', message };
  }
}
