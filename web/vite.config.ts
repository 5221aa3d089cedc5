import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const server = process.env["CHATSERVER_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
  base: "/",
  build: {
    outDir: "../chatserver/static",
    emptyOutDir: true,
    // The page's security policy allows only scripts and styles that are files of our own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Browsers from 2022 on: old phones, but with a native modal dialog.
    target: ["es2020", "chrome90", "firefox98", "safari15.4"],
  },
  server: {
    proxy: {
      "/api": server,
      "/socket.io": { target: server, ws: true },
    },
  },
});
