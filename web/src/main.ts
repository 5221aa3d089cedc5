import { mount } from "svelte";
import App from "./App.svelte";
import { session } from "./state/session.svelte";
import "./state/views";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";

mount(App, { target: document.getElementById("app") as HTMLElement });
void session.start();
