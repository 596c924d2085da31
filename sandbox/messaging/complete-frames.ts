import type { Connection } from 'rhea'

/** Numbers of the frames and of their fields (AMQP 1.0, section 2.7): open, begin, attach, flow, transfer and so on. */
const fieldCounts: Record<number, number> = {
  16: 10,
  17: 8,
  18: 14,
  19: 11,
  20: 11,
  21: 6,
  22: 3,
  23: 1,
  24: 1,
}

const begin = 17

interface Frame {
  handle_max?: number
  value: unknown[]
  constructor: { descriptor?: { numeric: number } }
}

interface FrameWriter {
  _write_frame(channel: number, frame: Frame | undefined, payload: unknown): void
}

/** Sends every field of a frame, as the services do: the client of Event Hubs for Python fails if the last ones are omitted. */
export function sendCompleteFrames(connection: Connection): void {
  const writer = connection as unknown as FrameWriter
  const write = writer._write_frame
  writer._write_frame = (channel, frame, payload) => {
    const number = frame?.constructor.descriptor?.numeric ?? 0
    const count = fieldCounts[number]
    if (frame && count) frame.value.length = count
    if (frame && number === begin) frame.handle_max ??= 255
    write.call(connection, channel, frame, payload)
  }
}
