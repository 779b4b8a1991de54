// Bluesky's PDS with a directory of identities (PLC) in the same process, on 127.0.0.1 only.
import fs from "node:fs";
import net from "node:net";

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (place, ...more) {
  const options = typeof place === "object" && place ? place : { port: Number(place), host: "127.0.0.1" };
  return listen.call(this, options, ...more.filter((each) => typeof each === "function"));
};

const { PDS } = await import("@atproto/pds");
const loaded = await import("@did-plc/server");
const { PlcServer, MockDatabase } = loaded.default?.PlcServer ? loaded.default : loaded;
const directory = await PlcServer.create({ db: new MockDatabase(), port: 0 }).start();
process.env.PDS_DID_PLC_URL = `http://127.0.0.1:${directory.address().port}`;
fs.writeFileSync(`${process.env.PDS_DATA_DIRECTORY}/plc`, process.env.PDS_DID_PLC_URL);
await PDS.run({});
process.exit(0);
