/** What a page's voice connections have received, from the browser's statistics. */
import type { Page } from '@playwright/test';

/** What arrived in a time, and what was missing. */
export interface Received {
  /**
   * The share (0 to 1) of the sound that the browser made up because packets were missing (`concealedSamples`). The sound that it makes up
   * while the speaker pauses and sends nothing (`silentConcealedSamples`) counts on neither side: nothing was missing then, and it would hide
   * what was.
   */
  concealed: number;
  /** The same share with all that was made up, pauses too, of all that was played. */
  concealedWithPauses: number;
  /** RTP with its headers, without those of UDP and IP, on all slots together. */
  bytesPerSecond: number;
  packetsPerSecond: number;
}

/** Counts for `overMs`. `support/sound.ts` must keep the page's connections. */
export async function received(page: Page, overMs: number): Promise<Received> {
  return page.evaluate(async (overMs) => {
    const kept = (window as unknown as { connectionsOfTest: RTCPeerConnection[] }).connectionsOfTest;
    const sums = async () => {
      const sums = { at: performance.now(), concealed: 0, silent: 0, total: 0, bytes: 0, packets: 0 };
      for (const connection of kept) {
        for (const report of (await connection.getStats()).values()) {
          if (report.type !== 'inbound-rtp') continue;
          sums.concealed += report.concealedSamples ?? 0;
          sums.silent += report.silentConcealedSamples ?? 0;
          sums.total += report.totalSamplesReceived ?? 0;
          sums.bytes += report.bytesReceived + report.headerBytesReceived;
          sums.packets += report.packetsReceived;
        }
      }
      return sums;
    };
    const before = await sums();
    await new Promise((wake) => setTimeout(wake, overMs));
    const after = await sums();
    const grown = (key: keyof typeof before) => after[key] - before[key];
    const seconds = grown('at') / 1_000;
    return {
      concealed: (grown('concealed') - grown('silent')) / Math.max(1, grown('total') - grown('silent')),
      concealedWithPauses: grown('concealed') / Math.max(1, grown('total')),
      bytesPerSecond: grown('bytes') / seconds,
      packetsPerSecond: grown('packets') / seconds,
    };
  }, overMs);
}

/** How the newest connection's packets travel: `udp`, `tcp`, or `relay` with the protocol to the relay, such as `relay tls`. */
export async function wayOf(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const kept = (window as unknown as { connectionsOfTest: RTCPeerConnection[] }).connectionsOfTest;
    const stats = [...(await kept.at(-1)!.getStats()).values()];
    const chosen = stats.find((one) => one.type === 'transport')?.selectedCandidatePairId;
    const pair = stats.find((one) => one.id === chosen);
    const local = stats.find((one) => one.id === pair?.localCandidateId);
    if (!local) return 'none';
    return local.candidateType === 'relay' ? `relay ${local.relayProtocol}` : local.protocol;
  });
}

/** The states of the page's connections, oldest first. */
export async function statesOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const kept = (window as unknown as { connectionsOfTest: RTCPeerConnection[] }).connectionsOfTest;
    const states = (one: RTCPeerConnection) => [one.connectionState, one.iceConnectionState, one.iceGatheringState, one.signalingState];
    return kept.map((one) => states(one).join(', '));
  });
}
