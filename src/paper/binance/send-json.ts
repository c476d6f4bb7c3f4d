import { WebSocket } from 'ws';

/** A reader this far behind is cut off, as every exchange does: its frames must not pile up here. */
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

export function sendJson(socket: WebSocket, message: unknown): void {
  sendText(socket, JSON.stringify(message));
}

export function sendText(socket: WebSocket, text: string): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
    socket.terminate();
    return;
  }
  socket.send(text);
}
