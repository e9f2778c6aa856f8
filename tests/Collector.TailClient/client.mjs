// Producers of tail events, with gRPC's own client and the published schema/tail.proto.
// Usage: node client.mjs SCENARIO ADDRESS …; each prints JSON lines, and goes on or ends when its input is closed.
import { createServer, connect } from "node:net";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const proto = fileURLToPath(new URL("../../schema/tail.proto", import.meta.url));
const { TailService } = grpc.loadPackageDefinition(
  loader.loadSync(proto, { keepCase: true, longs: Number, defaults: true }),
).collector.tail.v1;
const options = { "grpc.initial_reconnect_backoff_ms": 50, "grpc.max_reconnect_backoff_ms": 200, "grpc.use_local_subchannel_pool": 1 };
const clientOf = (address) => new TailService(address, grpc.credentials.createInsecure(), options);
const say = (line) => console.log(JSON.stringify(line));
const inputEnds = () => (process.stdin.resume(), once(process.stdin, "end"));

const noon = 1_795_435_200_000_000_000n;
const event = (streamId, sequence) => ({
  stream_id: streamId,
  sequence,
  worker_name: streamId,
  request_id: `r-${sequence}`,
  time_unix_nano: String(noon + BigInt(sequence)),
  log: { level: "log", arguments: [JSON.stringify(`event ${sequence}`)], context: JSON.stringify({ sequence }) },
});

// Streams events 1 to COUNT, and whatever was not acknowledged again, until all are stored.
class Producer {
  through = 0;
  connections = 0;
  sent = 0;
  acks = 0;
  dropped = [];

  constructor(address, streamId, count) {
    Object.assign(this, { address, streamId, count });
  }

  async run() {
    while (!this.isDone) {
      const client = clientOf(this.address);
      try {
        await this.connection(client.Stream());
      } catch {
        await pause(50);
      } finally {
        client.close();
      }
    }
  }

  get isDone() {
    return this.through >= this.count && this.dropped.length === 0;
  }

  async connection(call) {
    this.connections++;
    const again = new Set();
    const sentAgain = new Map();
    let failure;
    let wake = () => {};
    const over = new Promise((resolve) => {
      call.on("end", resolve);
      call.on("error", (error) => ((failure = error), resolve(), wake()));
    });
    call.on("data", (ack) => {
      this.acks++;
      this.through = ack.through;
      this.dropped = ack.dropped;
      // It is listed until it is stored, so that what was sent again a moment ago may be on its way.
      for (const { first, last } of ack.dropped) {
        for (let sequence = first; sequence <= last; sequence++) {
          if (Date.now() - (sentAgain.get(sequence) ?? 0) > 1_000) again.add(sequence);
        }
      }
      this.onAck?.(this);
      wake();
    });
    call.on("drain", () => wake());
    const write = async (sequence) => {
      this.sent++;
      if (!call.write(event(this.streamId, sequence)) && !failure) {
        await new Promise((resolve) => (wake = resolve));
      }
    };

    for (let next = this.through + 1; next <= this.count && !failure; next++) {
      await write(next);
    }
    while (!this.isDone && !failure) {
      for (const sequence of [...again]) {
        again.delete(sequence);
        sentAgain.set(sequence, Date.now());
        await write(sequence);
      }
      await Promise.race([pause(100), new Promise((resolve) => (wake = resolve))]);
    }
    call.end();
    await over;
    if (failure) throw failure;
  }
}

// Lets bytes through to Collector until it is told to cut every connection.
const proxyTo = async (address) => {
  const [host, port] = address.split(":");
  const sockets = new Set();
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    for (const [from, to] of [[near, far], [far, near]]) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => {});
      from.on("close", () => (sockets.delete(from), to.destroy()));
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${server.address().port}`,
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    close: () => server.close(),
  };
};

const scenarios = {
  // Says how far it is every 1,000 events or so, so that whoever watches can end Collector in the middle.
  async stream(address, streamId, count) {
    const producer = new Producer(address, streamId, Number(count));
    let said = 0;
    producer.onAck = ({ through }) => through - said >= 1_000 && say({ through: (said = through) });
    await producer.run();
    say({ connections: producer.connections, sent: producer.sent, acks: producer.acks });
  },

  // The same, over connections that are cut CUTS times on the way.
  async cut(address, streamId, count, cuts) {
    const proxy = await proxyTo(address);
    const producer = new Producer(proxy.address, streamId, Number(count));
    const every = Number(count) / (Number(cuts) + 1);
    let next = every;
    producer.onAck = ({ through }) => {
      if (through >= next) {
        next += every;
        proxy.cut();
      }
    };
    await producer.run();
    proxy.close();
    say({ connections: producer.connections, sent: producer.sent, acks: producer.acks });
  },

  // Opens COUNT streams over one connection, each with one event, and then says nothing more.
  async idle(address, count) {
    const client = clientOf(address);
    const calls = Array.from({ length: Number(count) }, (_, i) => {
      const call = client.Stream();
      call.through = 0;
      call.on("data", (ack) => (call.through = ack.through));
      call.over = new Promise((resolve) => call.on("status", (status) => resolve(status.code)));
      call.on("error", () => {});
      call.write(event(`idle-${i}`, 1));
      return call;
    });
    while (calls.some((call) => call.through < 1)) await pause(50);
    say({ open: calls.length });
    await inputEnds();
    calls.forEach((call) => (call.write(event(undefined, 2)), call.end()));
    const codes = await Promise.all(calls.map((call) => call.over));
    say({ codes: [...new Set(codes)], through: [...new Set(calls.map((call) => call.through))] });
    client.close();
  },

  // Sends without ever reading an acknowledgement.
  async deaf(address, streamId, count) {
    const client = clientOf(address);
    const call = client.Stream();
    call.on("error", () => {});
    for (let sequence = 1; sequence <= Number(count); sequence++) {
      if (!call.write(event(streamId, sequence))) await once(call, "drain");
    }
    say({ written: Number(count) });
    await inputEnds();
    call.cancel();
    client.close();
  },

  // Sends the sequences that it is given, one after the other, and says how the call ended.
  async sequences(address, streamId, ...sequences) {
    const client = clientOf(address);
    const call = client.Stream();
    let ack;
    call.on("data", (next) => (ack = next));
    call.on("error", () => {});
    const over = new Promise((resolve) => call.on("status", resolve));
    sequences.forEach((sequence) => call.write(event(streamId, Number(sequence))));
    call.end();
    const status = await over;
    say({ code: status.code, details: status.details, through: ack?.through, dropped: ack?.dropped });
    client.close();
  },

  // Sends COUNT events and waits for whatever ends the call.
  async hold(address, streamId, count) {
    const client = clientOf(address);
    const call = client.Stream();
    let ack;
    call.on("data", (next) => (ack = next));
    call.on("error", () => {});
    const over = new Promise((resolve) => call.on("status", resolve));
    for (let sequence = 1; sequence <= Number(count); sequence++) call.write(event(streamId, sequence));
    await new Promise((resolve) => call.once("data", resolve));
    say({ written: Number(count) });
    const status = await over;
    say({ code: status.code, through: ack?.through });
    client.close();
  },

  // One batch.
  async send(address, streamId, ...sequences) {
    const client = clientOf(address);
    const events = sequences.map((sequence) => event(streamId, Number(sequence)));
    const answer = await new Promise((resolve) => client.Send({ events }, (error, ack) => resolve(error ?? ack)));
    say({ code: answer.code ?? 0, details: answer.details, through: answer.through, dropped: answer.dropped });
    client.close();
  },
};

const [scenario, ...rest] = process.argv.slice(2);
await scenarios[scenario](...rest);
