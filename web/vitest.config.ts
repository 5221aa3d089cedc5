import { defineConfig } from "vitest/config";

// Only what is pure is tested here, without a browser; tests/browser tries the whole client.
export default defineConfig({ test: { include: ["test/**/*.test.ts"], environment: "node" } });
