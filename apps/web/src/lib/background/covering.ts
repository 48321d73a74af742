interface Size {
  readonly width: number
  readonly height: number
}

/** Where a picture is drawn so that nothing of a space stays empty: what stands out on two sides is cut off. */
export function placeCovering(
  picture: Size,
  { width, height }: Size,
): Size & { readonly left: number; readonly top: number } {
  const scale = Math.max(width / picture.width, height / picture.height)
  const placed = { width: picture.width * scale, height: picture.height * scale }
  return { ...placed, left: (width - placed.width) / 2, top: (height - placed.height) / 2 }
}

/** The size of a picture that is shrunk until it just covers the largest one, and cut to that; a small one stays as it is. */
export function sizeWithin(picture: Size, largest: Size): Size {
  const scale = Math.min(1, Math.max(largest.width / picture.width, largest.height / picture.height))
  const within = (length: number, most: number) => Math.min(most, Math.max(1, Math.round(length * scale)))
  return { width: within(picture.width, largest.width), height: within(picture.height, largest.height) }
}
