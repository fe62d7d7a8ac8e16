import type { FastifyReply } from 'fastify';

/** An answer that a browser keeps as a file, readable by people. */
export function sendJsonFile(reply: FastifyReply, name: string, answer: object): FastifyReply {
  return asJsonFile(reply, name).send(JSON.stringify(answer, null, 2));
}

export const asJsonFile = (reply: FastifyReply, name: string): FastifyReply =>
  reply.header('Content-Disposition', `attachment; filename="${name}.json"`).type('application/json; charset=utf-8');
