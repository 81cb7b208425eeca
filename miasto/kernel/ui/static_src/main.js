// Loaded on every page: small improvements over pages that work without it.
import { CharacterCount, ErrorSummary, PasswordInput, Tabs } from "govuk-frontend";
import { startCombos } from "./lib/combobox.js";
import { startInstall } from "./lib/install.js";
import { startLive } from "./lib/live.js";
import { startForms, startMenus } from "./lib/page.js";
import { startWorker } from "./lib/register_worker.js";

const COMPONENTS = [CharacterCount, ErrorSummary, PasswordInput, Tabs];

function startComponents(root) {
  for (const Component of COMPONENTS) {
    for (const element of root.querySelectorAll(`[data-module="${Component.moduleName}"]`)) {
      try {
        new Component(element);
      } catch (error) {
        if (error.name !== "InitError") console.warn(error.message);
      }
    }
  }
}

document.body.classList.add("js-enabled", "govuk-frontend-supported");
startForms(document);
startComponents(document);
startMenus(document);
startCombos(document);
startLive(document);
startWorker();
startInstall(document);
