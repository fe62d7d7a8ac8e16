import Type, { type TSchema } from 'typebox';

/** What a schema allows, or null. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
