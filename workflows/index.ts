/** The bundle's one entry: every workflow type by its name. */
export { account } from './account.js';
export { controller } from './controller.js';
export { order } from './order.js';
export { position } from './position.js';
export { twap } from './twap.js';
export { dca } from './dca.js';
export { grid } from './grid.js';
export { xemm } from './xemm.js';
export { arbitrage } from './arbitrage.js';
