// What a key means to the pages. Every handler of keys asks here, so that none acts while a conversion (Japanese, Chinese, Korean)
// is under way: the Enter that ends it must send, open and choose nothing.

type Pressed = Pick<KeyboardEvent, "key" | "isComposing" | "keyCode" | "ctrlKey" | "metaKey" | "altKey">;

/** Whether the key belongs to a conversion. Safari ends it before it tells of the key, which has the code 229 then. */
export function isComposing(event: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
    return event.isComposing || event.keyCode === 229;
}

/** Keeps a form from being sent by the Enter that ends a conversion. */
export function holdConversion(event: Pick<KeyboardEvent, "key" | "isComposing" | "keyCode" | "preventDefault">): void {
    if (event.key === "Enter" && isComposing(event)) event.preventDefault();
}

/** The key in a field: its name, with "Ctrl+" in front where Ctrl or Command is held; empty where it belongs to a conversion. */
export function keyInField(event: Pressed): string {
    if (isComposing(event) || event.altKey) return "";
    return event.ctrlKey || event.metaKey ? `Ctrl+${event.key}` : event.key;
}

/** The key as a command of the page; empty where it is typed into a field, held with others, or belongs to a conversion. */
export function keyOfPage(event: Pressed & { readonly target: EventTarget | null }): string {
    const target = event.target as Partial<HTMLElement> | null;
    const name = target?.tagName?.toLowerCase() ?? "";
    const typing = name === "textarea" || name === "select" || target?.isContentEditable === true
        || (name === "input" && !["checkbox", "radio", "button", "submit"].includes((target as HTMLInputElement).type));
    if (event.ctrlKey || event.metaKey || typing) return "";
    return keyInField(event);
}
