import type { RequestContext } from '../binance/request-context.js';
import { wireDecimal } from '../binance/render-order.js';
import { WireError } from '../binance/wire-error.js';
import { setLeverage, setMarginMode, setPositionMode } from '../perpetual/account-settings.js';
import type { ContractMarket } from '../perpetual/contract-market.js';
import { contractSymbol, wireSymbolOf } from '../perpetual/contract-symbol.js';
import { maxNotional } from '../perpetual/leverage-brackets.js';
import type { PerpetualAccount } from '../perpetual/perpetual-account.js';
import type { Position } from '../perpetual/position.js';
import { pageOffset, parseFlag } from './parse-contract-order.js';
import { assetsOf, renderAccountPosition, renderAsset, renderBalance, renderPositionRisk, renderTotals } from './render-futures-account.js';

const DONE = { code: 200, msg: 'success' };

function accountOf({ perpetuals, account }: RequestContext): PerpetualAccount {
  return perpetuals.account(account);
}

export function account(context: RequestContext): unknown {
  const { perpetuals, parameters } = context;
  parameters.finish();
  const own = accountOf(context);
  const [settleAsset = 'USDT'] = [...perpetuals.markets.values()].map(({ contract }) => contract.settleAsset);
  const open = (market: ContractMarket): Position[] => own.openPositions(market.contract.symbol);
  return {
    feeTier: 0,
    canTrade: true,
    canDeposit: false,
    canWithdraw: false,
    multiAssetsMargin: false,
    updateTime: 0,
    ...renderTotals(perpetuals.summary(own, settleAsset)),
    assets: assetsOf(perpetuals, own).map((asset) => renderAsset(perpetuals, own, asset)),
    positions: [...perpetuals.markets.values()].flatMap((market) =>
      open(market).map((position) => renderAccountPosition(perpetuals, own, market, position)),
    ),
  };
}

export function balance(context: RequestContext): unknown {
  const { perpetuals, parameters } = context;
  parameters.finish();
  const own = accountOf(context);
  return assetsOf(perpetuals, own).map((asset) => renderBalance(perpetuals, own, asset));
}

/** Only what is open; the older version lists every contract. */
export function positionRisk(version: 2 | 3): (context: RequestContext) => unknown {
  return (context) => {
    const { perpetuals } = context;
    const own = accountOf(context);
    return selectMarkets(context).flatMap((market) => {
      const { symbol } = market.contract;
      const sides = own.hedged ? (['long', 'short'] as const) : (['both'] as const);
      const flat = version === 2 ? sides.map((side) => own.position(symbol, side)) : [];
      const positions = version === 2 ? flat : own.openPositions(symbol);
      return positions.map((position) => renderPositionRisk(perpetuals, own, market, position, version));
    });
  };
}

function selectMarkets({ perpetuals, parameters }: RequestContext): ContractMarket[] {
  const symbol = parameters.text('symbol');
  parameters.finish();
  return symbol === undefined ? [...perpetuals.markets.values()] : [perpetuals.market(contractSymbol(symbol))];
}

export function leverageBrackets(context: RequestContext): unknown {
  return selectMarkets(context).map(({ contract }) => ({
    symbol: contract.wireSymbol,
    notionalCoef: '1.00',
    brackets: contract.brackets.map((bracket, index) => ({
      bracket: index + 1,
      initialLeverage: bracket.maxLeverage,
      notionalCap: bracket.notionalCapQuote.toFixed(),
      notionalFloor: bracket.notionalFloorQuote.toFixed(),
      maintMarginRatio: bracket.maintenanceRate.toFixed(),
      cum: bracket.cumulativeQuote.toFixed(),
    })),
  }));
}

export function symbolConfig(context: RequestContext): unknown {
  const own = accountOf(context);
  return selectMarkets(context).map(({ contract }) => {
    const { leverage, marginMode } = context.perpetuals.leverageOf(own, contract.symbol);
    return {
      symbol: contract.wireSymbol,
      marginType: marginMode === 'cross' ? 'CROSSED' : 'ISOLATED',
      isAutoAddMargin: false,
      leverage,
      maxNotionalValue: maxNotional(contract.brackets, leverage).toFixed(),
    };
  });
}

export function changeLeverage({ perpetuals, parameters, account: name }: RequestContext): unknown {
  const wireSymbol = parameters.requiredText('symbol');
  const leverage = Number(parameters.requiredDecimal('leverage'));
  parameters.finish();
  const symbol = contractSymbol(wireSymbol);
  if (!Number.isInteger(leverage)) throw new WireError(-4028, `Leverage ${leverage} is not valid`);
  setLeverage(perpetuals, name, symbol, leverage);
  return { leverage, maxNotionalValue: maxNotional(perpetuals.market(symbol).contract.brackets, leverage).toFixed(), symbol: wireSymbol };
}

export function changeMarginType({ perpetuals, parameters, account: name }: RequestContext): unknown {
  const symbol = contractSymbol(parameters.requiredText('symbol'));
  parameters.requiredText('marginType');
  const choice = parameters.oneOf('marginType', ['ISOLATED', 'CROSSED'], new WireError(-1130, "Data sent for parameter 'marginType' is not valid."));
  parameters.finish();
  setMarginMode(perpetuals, name, symbol, choice === 'ISOLATED' ? 'isolated' : 'cross');
  return DONE;
}

export function positionMode(context: RequestContext): unknown {
  context.parameters.finish();
  return { dualSidePosition: accountOf(context).hedged };
}

export function changePositionMode({ perpetuals, parameters, account: name }: RequestContext): unknown {
  parameters.requiredText('dualSidePosition');
  const hedged = parseFlag(parameters, 'dualSidePosition');
  parameters.finish();
  setPositionMode(perpetuals, name, hedged);
  return DONE;
}

export function commissionRate({ perpetuals, parameters }: RequestContext): unknown {
  const { contract } = perpetuals.market(contractSymbol(parameters.requiredText('symbol')));
  parameters.finish();
  const { makerRate, takerRate } = perpetuals.fees;
  return { symbol: contract.wireSymbol, makerCommissionRate: wireDecimal(makerRate), takerCommissionRate: wireDecimal(takerRate) };
}

export function accountConfig(context: RequestContext): unknown {
  context.parameters.finish();
  return {
    feeTier: 0,
    canTrade: true,
    canDeposit: false,
    canWithdraw: false,
    dualSidePosition: accountOf(context).hedged,
    updateTime: 0,
    multiAssetsMargin: false,
    tradeGroupId: -1,
  };
}

const INCOME_TYPES = ['TRANSFER', 'REALIZED_PNL', 'FUNDING_FEE', 'COMMISSION', 'INSURANCE_CLEAR'] as const;

export function income({ perpetuals, parameters, account: name }: RequestContext): unknown {
  const wireSymbol = parameters.text('symbol');
  const type = parameters.oneOf('incomeType', INCOME_TYPES, new WireError(-1130, "Data sent for parameter 'incomeType' is not valid."));
  const fromMs = parameters.integer('startTime');
  const toMs = parameters.integer('endTime');
  const limit = parameters.limit(100, 1000);
  const offset = pageOffset(parameters, limit);
  parameters.finish();
  const symbol = wireSymbol === undefined ? undefined : contractSymbol(wireSymbol);
  return perpetuals.queries.incomes({ account: name, symbol, type, fromMs, toMs, limit, offset }).map((entry) => ({
    symbol: entry.symbol === undefined ? '' : wireSymbolOf(entry.symbol),
    incomeType: entry.type,
    income: wireDecimal(entry.amount),
    asset: entry.asset,
    info: entry.tradeId === undefined ? entry.type : String(entry.tradeId),
    time: entry.timeMs,
    tranId: entry.incomeId,
    tradeId: entry.tradeId === undefined ? '' : String(entry.tradeId),
  }));
}
