import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A node that can lose the answer to a request after it was carried out, as a network does. */
export interface FaultyNode {
  readonly rpcUrl: string;
  /** Method whose answers are lost; null: none. */
  loseAnswersTo: string | null;
  /** Sees every request before it is passed on, and says what is passed on. */
  rewrite: ((body: string) => Promise<string>) | null;
  close(): Promise<void>;
}

export async function startFaultyNode(rpcUrl: string): Promise<FaultyNode> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const received = Buffer.concat(chunks).toString('utf8');
      const body = node.rewrite === null ? received : await node.rewrite(received);
      const answer = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const text = await answer.text();
      if (node.loseAnswersTo !== null && body.includes(`"${node.loseAnswersTo}"`)) request.socket.destroy();
      else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    })().catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const node: FaultyNode = {
    rpcUrl: `http://127.0.0.1:${port}`,
    loseAnswersTo: null,
    rewrite: null,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return node;
}
