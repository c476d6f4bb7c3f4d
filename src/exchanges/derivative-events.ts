import type { AccountNews } from '../ports/exchange.js';
import type { CcxtClient } from './ccxt-client.js';

/** What the user data stream of USD-M tells beside orders and trades. */
type DerivativeNews = Extract<AccountNews, { kind: 'position' | 'liquidation' }>;

interface Frame {
  readonly e?: unknown;
  readonly a?: { readonly m?: unknown };
  readonly o?: { readonly c?: unknown };
}

/** ccxt keeps these to itself: it has positions watched one by one, and counts no liquidation as a trade. */
export function noticeDerivativeEvents(client: CcxtClient, isLiquidation: (clientOrderId: string) => boolean, tell: (news: DerivativeNews) => void): void {
  const handle = client.handleMessage.bind(client);
  client.handleMessage = (socket, message) => {
    handle(socket, message);
    const news = derivativeNews((message ?? {}) as Frame, isLiquidation);
    if (news !== null) tell(news);
  };
}

function derivativeNews(frame: Frame, isLiquidation: (clientOrderId: string) => boolean): DerivativeNews | null {
  if (frame.e === 'ACCOUNT_UPDATE') {
    return { kind: 'position', reason: frame.a?.m === 'FUNDING_FEE' ? 'funding' : frame.a?.m === 'ORDER' ? 'order' : 'other' };
  }
  return frame.e === 'ORDER_TRADE_UPDATE' && isLiquidation(String(frame.o?.c ?? '')) ? { kind: 'liquidation' } : null;
}
