import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hostPlugin } from '../plugins/host.ts';

hostPlugin(pathToFileURL(join(__dirname, 'plugin.mjs')).href);
