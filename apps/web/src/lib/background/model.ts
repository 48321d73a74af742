// oxlint-disable no-underscore-dangle -- FlatBuffers’ own names for what reads a table.
import { Builder, ByteBuffer, type Offset } from 'flatbuffers'

/** Fields of the tables of TensorFlow Lite's `schema.fbs` and `metadata_schema.fbs` that are used here, by their place. */
const MODEL = { version: 0, operatorCodes: 1, subgraphs: 2, buffers: 4, metadata: 6 }
const METADATA_FORMAT = 'M001'
const MODEL_FORMAT = 'TFL3'
/** Tensors are read where they are, in steps of 16 bytes. */
const ALIGNMENT = 16
/** What a channel of a pixel is divided by: the model takes 0 to 1. */
const FULL = 255

/**
 * Adds to a model what its package leaves out and MediaPipe's tasks ask for: how pixels become numbers. The old file stays as
 * it is, behind a new root that points into it.
 * @throws {RangeError} when these are no bytes of a model.
 */
export function describeModel(model: Uint8Array): Uint8Array<ArrayBuffer> {
  const old = new ByteBuffer(model)
  if (model.length < 8 || !old.__has_identifier(MODEL_FORMAT)) throw new RangeError('This is no TensorFlow Lite model.')
  const root = old.readInt32(0)
  const field = (index: number) => root + old.__offset(root, 4 + 2 * index)
  const builder = new Builder(model.length + 4 * FULL)
  builder.prep(ALIGNMENT, model.length)
  writeBytes(builder, model)
  // Offsets of a builder count from the end of the file.
  const start = builder.offset()
  const moved = (index: number): Offset => start - old.__indirect(field(index))
  const buffers = field(MODEL.buffers)
  const count = old.__vector_len(buffers)
  const moveBuffer = (index: number) => start - old.__indirect(old.__vector(buffers) + 4 * index)
  const description = describePixels()
  builder.startVector(1, description.length, ALIGNMENT)
  writeBytes(builder, description)
  const data = builder.endVector()
  const buffer = writeTable(builder, [data])
  const name = builder.createString('TFLITE_METADATA')
  builder.startObject(2)
  builder.addFieldOffset(0, name, 0)
  builder.addFieldInt32(1, count, 0)
  const entry = writeVector(builder, [builder.endObject()])
  const allBuffers = writeVector(builder, [...Array.from({ length: count }, (_, index) => moveBuffer(index)), buffer])
  builder.startObject(8)
  builder.addFieldInt32(MODEL.version, old.readInt32(field(MODEL.version)), 0)
  for (const index of [MODEL.operatorCodes, MODEL.subgraphs]) builder.addFieldOffset(index, moved(index), 0)
  builder.addFieldOffset(MODEL.buffers, allBuffers, 0)
  builder.addFieldOffset(MODEL.metadata, entry, 0)
  builder.finish(builder.endObject(), MODEL_FORMAT)
  return new Uint8Array(builder.asUint8Array())
}

/** A `ModelMetadata` with one `SubGraphMetadata`, whose input has `NormalizationOptions`. */
function describePixels(): Uint8Array {
  const builder = new Builder(FULL)
  const number = (value: number) => {
    builder.startVector(4, 1, 4)
    builder.addFloat32(value)
    return builder.endVector()
  }
  const normalization = writeTable(builder, [number(0), number(FULL)])
  builder.startObject(2)
  builder.addFieldInt8(0, 1, 0)
  builder.addFieldOffset(1, normalization, 0)
  const steps = writeVector(builder, [builder.endObject()])
  const input = writeVector(builder, [writeTable(builder, [0, 0, 0, 0, steps])])
  const output = writeVector(builder, [writeTable(builder, [])])
  const subgraphs = writeVector(builder, [writeTable(builder, [0, 0, input, output])])
  builder.finish(writeTable(builder, [0, 0, 0, subgraphs]), METADATA_FORMAT)
  return builder.asUint8Array()
}

/** @param fields tables, texts or vectors by the place of their field; 0 for none. */
function writeTable(builder: Builder, fields: readonly Offset[]): Offset {
  builder.startObject(fields.length)
  for (const [index, offset] of fields.entries()) builder.addFieldOffset(index, offset, 0)
  return builder.endObject()
}

function writeVector(builder: Builder, items: readonly Offset[]): Offset {
  builder.startVector(4, items.length, 4)
  for (const item of items.toReversed()) builder.addOffset(item)
  return builder.endVector()
}

/** There must be room: builders grow from the end to the start. */
function writeBytes(builder: Builder, bytes: Uint8Array): void {
  for (const byte of bytes.toReversed()) builder.writeInt8(byte)
}
