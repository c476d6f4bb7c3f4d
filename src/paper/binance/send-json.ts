import { WebSocket } from 'ws';

/** A reader this far behind is cut off, as every exchange does: its frames must not pile up here. */
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

const silenced = new WeakSet<WebSocket>();

/** From now on nothing leaves through this socket, and it stays open: what a line does that died without a word. */
export function silence(socket: WebSocket): void {
  silenced.add(socket);
}

/** Answers a ping of the client. */
export function sendPong(socket: WebSocket, data: Buffer): void {
  if (socket.readyState === WebSocket.OPEN && !silenced.has(socket)) socket.pong(data);
}

export function sendJson(socket: WebSocket, message: unknown): void {
  sendText(socket, JSON.stringify(message));
}

export function sendText(socket: WebSocket, text: string): void {
  if (socket.readyState !== WebSocket.OPEN || silenced.has(socket)) return;
  if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
    socket.terminate();
    return;
  }
  socket.send(text);
}
