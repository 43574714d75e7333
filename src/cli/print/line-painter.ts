import { isUtf8 } from 'node:buffer';
import type { OutputBuffer } from './output-buffer.ts';

const NEWLINE = 0x0a;
const TAB = 0x09;
