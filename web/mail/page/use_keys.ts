import { useEffect } from "preact/hooks";
import { keyOfPage } from "../../core/page/keys.js";
import type { Commands } from "./commands.js";
import { go, route } from "./router.js";

/** What each key does, as mutt and Gmail have it; help.tsx shows them. */
function run(key: string, commands: Commands, help: () => void): boolean {
    const { letter } = route.peek();
    const write = (what: string) => go({ ...route.peek(), compose: what });
    const answer = (how: string) => { if (letter !== undefined) write(`${how}:${commands.composed(letter)}`); };
    const list = commands.list;
    switch (key) {
        case "j": commands.step(1); break;
        case "k": commands.step(-1); break;
        case "ArrowDown": case "ArrowUp":
            if (letter !== undefined) return false; // there it scrolls
            commands.step(key === "ArrowDown" ? 1 : -1);
            break;
        case "o": case "Enter": if (letter !== undefined) return false; openCursor(commands); break;
        case "u": case "Escape": case "ArrowLeft": if (letter === undefined) return false; commands.closeLetter(); break;
        case "x": if (list !== undefined) toggle(commands); break;
        case "e": case "y": void commands.archive(); break;
        case "#": case "Delete": void commands.remove(); break;
        case "!": void commands.junk(true); break;
        case "s": void commands.star(); break;
        case "N": case "U": void commands.toggleRead(); break;
        case "z": commands.undo(); break;
        case "r": answer("reply"); break;
        case "a": answer("all"); break;
        case "f": answer("forward"); break;
        case "c": case "m": write("new"); break;
        case "/": document.querySelector<HTMLInputElement>("input[type=search]")?.focus(); break;
        case "?": help(); break;
        default: return false;
    }
    return true;
}

function openCursor(commands: Commands): void {
    const id = commands.cursor;
    if (id !== undefined) commands.open(id);
}

function toggle(commands: Commands): void {
    const id = commands.cursor;
    if (id === undefined) return;
    commands.list!.selection.toggle(id);
    commands.list!.touch();
}

/** The page's keys: none while something is written over it, in a dialog or in a menu. */
export function useKeys(commands: Commands, help: () => void): void {
    useEffect(() => {
        const pressed = (event: KeyboardEvent) => {
            if (event.defaultPrevented || document.querySelector("dialog[open], .composer, [role=menu]") !== null) return;
            const key = keyOfPage(event);
            if (key === "Enter" && (event.target as Element | null)?.closest?.("a, button, input") != null) return;
            if (key !== "" && run(key, commands, help)) event.preventDefault();
        };
        addEventListener("keydown", pressed);
        return () => removeEventListener("keydown", pressed);
    }, [commands]);
}
