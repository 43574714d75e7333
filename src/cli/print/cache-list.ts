import { type StoredResult, sizeOf } from '../../engine/cache/upkeep.ts';
import { formatSize } from '../../util/size.ts';
import { durationText } from './duration-text.ts';
import { harmlessName } from './plain-bytes.ts';
