// Bundles page.js once for each release of the exporters; what the page gets is what an application's build would give it.
import { build } from "esbuild";

const releases = ["057", "203", "208", "301"];
await Promise.all(
  releases.map((release) =>
    build({
      entryPoints: ["page.js"],
      bundle: true,
      platform: "browser",
      format: "iife",
      outfile: `node_modules/.pages/${release}.js`,
      logLevel: "error",
      // The newest processors take their exporter among their options.
      define: { TAKES_OPTIONS: String(release === "301") },
      alias: {
        "otlp-logs": `logs-${release}`,
        "otlp-traces": `traces-${release}`,
        "sdk-logs": `sdk-logs-${release}`,
        "sdk-trace": `sdk-trace-${release}`,
      },
    }),
  ),
);
