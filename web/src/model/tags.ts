import { TAG_LENGTH_MAX, TAGS_MAX } from '@contract/limits.ts';

/** The tags in a text with commas, each once. */
export function readTags(text: string): string[] {
  const words = text.split(',').map((word) => word.trim().replace(/\s+/g, ' '));
  return [...new Set(words.filter((word) => word !== ''))];
}

export const areTagsValid = (tags: readonly string[]): boolean =>
  tags.length <= TAGS_MAX && tags.every((tag) => tag.length <= TAG_LENGTH_MAX);
