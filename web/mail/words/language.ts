import { computed } from "@preact/signals";
import { inLanguage } from "../../core/words/language.js";
import { english } from "./en.js";
import { japanese } from "./ja.js";

export const words = computed(() => inLanguage([english, japanese]));
