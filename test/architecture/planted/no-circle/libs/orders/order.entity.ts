import type { Item } from './item.entity.js';

export interface Order {
  items: Item[];
}
