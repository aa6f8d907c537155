// Who answers for the seats: live models where there are keys, answers from a file or a recording where one is named,
// else the checklist. A council stays what it was founded as (protocol 6.4).
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConclaveError } from '../errors.ts';
import { pathsOf } from '../node/council-directory.ts';
import type { Provider } from '../providers/contract.ts';
import { offlineProvider } from '../providers/offline.ts';
import { recordedProvider } from '../providers/recording.ts';
import { loadReplay, replayProvider } from '../providers/replay.ts';
import { readFounding } from './council-folder.ts';
import { visible } from './layout.ts';
import { isReady, liveMinds, type Minds, type MindsOptions, type MindsPlace } from './live-minds.ts';

export function mindsFor(options: MindsOptions, place: MindsPlace): Minds {
  const { agents, environment, terminal } = place;
  if (options.replay !== undefined) {
    const path = resolve(options.replay);
    return unasked(
      existsSync(path) && statSync(path).isDirectory()
        ? recordedProvider(path)
        : replayProvider(loadReplay(path)),
    );
  }
  const founded = foundedWith(options.data);
  const isLive =
    founded === undefined ? agents.seats.some((seat) => isReady(seat, environment)) : founded === 'live';
  if (options.offline === true || !isLive) {
    if (options.record !== undefined)
      throw new ConclaveError('usage', 'there is nothing to record: no live model is asked');
    if (
      founded !== undefined &&
      founded !== 'live' &&
      agents.seats.some((seat) => isReady(seat, environment))
    ) {
      terminal.say(
        terminal.colors.dim(
          `  ${visible(options.data)} is a trial, so the checklist answers; live models need another --data`,
        ),
      );
    }
    return unasked(offlineProvider(agents));
  }
  return liveMinds(options, place);
}

function unasked(provider: Provider): Minds {
  return {
    provider,
    repeated: () => provider,
    asking: undefined,
    admit: () => Promise.resolve(),
    attend: () => Promise.resolve([]),
    onProgress: () => undefined,
  };
}

/** What the council in a directory was founded with, if there is one. */
function foundedWith(dataDir: string): string | undefined {
  const { genesis } = pathsOf(resolve(dataDir));
  if (!existsSync(genesis)) return undefined;
  return readFounding(genesis).roster.seats[0]?.provenance ?? 'live';
}
