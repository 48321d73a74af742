/** Sets an entry, as the newest of a map. Of more than `most` the oldest is forgotten. */
export function setNewest<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key)
  map.set(key, value)
  // With no entry there is nothing to forget.
  if (map.size > most) map.delete(map.keys().next().value as K)
}
