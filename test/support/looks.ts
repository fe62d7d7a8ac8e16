import type { TestSocket } from './page-socket.ts';

/** The model takes a ring, and the client leaves the confirmation. */
export async function lookAt(modelId: number, client: TestSocket, model: TestSocket): Promise<void> {
  const { callId } = (await client.ask({ type: 'call.ring', modelId })) as { callId: number };
  await model.ask({ type: 'call.accept', callId });
  await client.ask({ type: 'call.hangUp', callId });
  await model.call((view) => view.callId === callId && view.state === 'ended');
}
