// Small pictures, drawn in one weight. They say nothing to screen readers: what they stand on has a label.

const SHAPES = {
    inbox: "M4 13l2.5-7.5h11L20 13v5.5H4zM4 13h4.5l1.5 2.5h4l1.5-2.5H20",
    drafts: "M5 19h4L19 9l-4-4L5 15zM13 7l4 4",
    sent: "M4 12l16-7-5 15-4-6zM11 14l9-9",
    archive: "M4 5h16v4H4zM5.5 9v10h13V9M10 13h4",
    junk: "M12 4l8.5 15.5h-17zM12 10v4.5M12 17v.1",
    trash: "M5 7h14M9 7V4.5h6V7M7 7l1 12.5h8L17 7M10.5 10.5v6M13.5 10.5v6",
    restore: "M6 8.5h8a5 5 0 010 10H8M9 4.5l-4 4 4 4",
    folder: "M4 6.5h6l2 2.5h8v9.5H4z",
    star: "M12 4.2l2.4 5 5.4.7-4 3.8 1 5.4-4.8-2.6-4.8 2.6 1-5.4-4-3.8 5.4-.7z",
    clip: "M17 8.5l-7 7a1.8 1.8 0 01-2.6-2.6l7.4-7.4a3.2 3.2 0 014.5 4.5l-7.6 7.6a4.6 4.6 0 01-6.5-6.5L11.5 5",
    search: "M11 5a6 6 0 100 12 6 6 0 000-12zM15.5 15.5L20 20",
    menu: "M4 7h16M4 12h16M4 17h16",
    back: "M15 5l-7 7 7 7",
    close: "M6 6l12 12M18 6L6 18",
    more: "M5.5 12h.1M12 12h.1M18.5 12h.1",
    reply: "M10 6L4 12l6 6M4 12h9a7 7 0 017 6",
    replyAll: "M8 7l-5 5 5 5M13 7l-5 5 5 5M8 12h6a7 7 0 016 5",
    forward: "M14 6l6 6-6 6M20 12h-9a7 7 0 00-7 6",
    read: "M4 10l8-5.5 8 5.5v9H4zM4 10l8 5.5 8-5.5",
    unread: "M4 6h16v12.5H4zM4 6.5l8 6.5 8-6.5",
    move: "M4 6.5h6l2 2.5h8v9.5H4zM10 13.8h5M13 11.3l2.5 2.5-2.5 2.5",
    write: "M5 19h4L19 9l-4-4L5 15z",
    down: "M7 10l5 5 5-5",
    up: "M7 14l5-5 5 5",
    filter: "M4 7h16M7 12h10M10 17h4",
    shield: "M12 4l7 2.5v5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9v-5zM9 12l2.2 2.2L15.2 10",
    warn: "M12 4l8.5 15.5h-17zM12 10v4.5M12 17v.1",
    question: "M12 4a8 8 0 100 16 8 8 0 000-16zM9.6 9.8a2.4 2.4 0 114 1.8c-1 .8-1.6 1.3-1.6 2.4M12 16.6v.1",
    file: "M6 4h8l4 4v12H6zM14 4v4h4",
    download: "M12 5v10M8 11.5l4 4 4-4M5 19h14",
    next: "M9 5l7 7-7 7",
    check: "M5 12.5l4.5 4.5L19 7.5",
    copy: "M9 8.5h10V20H9zM15 8.5V4.5H5V16h4",
    overview: "M4 13h6V4.5H4zM14 10h6V4.5h-6zM14 19.5h6V14h-6zM4 19.5h6V17H4z",
    globe: "M12 4a8 8 0 100 16 8 8 0 000-16zM4 12h16M12 4c2.3 2.2 3.3 4.9 3.3 8s-1 5.8-3.3 8c-2.3-2.2-3.3-4.9-3.3-8s1-5.8 3.3-8z",
    people: "M9 5a3 3 0 100 6.2A3 3 0 009 5zM3.5 19c0-3 2.3-5 5.5-5s5.5 2 5.5 5M15.5 5.3a3 3 0 010 5.7M17 14.3c2.1.6 3.5 2.3 3.5 4.7",
    alias: "M5 12h9M10.5 8L15 12l-4.5 4M19 5.5v13",
    chart: "M4.5 19.5h15M7 19.5v-7M12 19.5V6M17 19.5v-10",
    lock: "M6 10.5h12v9H6zM8.5 10.5V8a3.5 3.5 0 017 0v2.5",
    block: "M12 4a8 8 0 100 16 8 8 0 000-16zM6.5 6.5l11 11",
    list: "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.1M4.5 12h.1M4.5 17.5h.1",
    server: "M4.5 5h15v6h-15zM4.5 13.5h15v6h-15zM8 8h.1M8 16.5h.1",
    clock: "M12 4a8 8 0 100 16 8 8 0 000-16zM12 7.5V12l3 2",
    route: "M6 16.5a2 2 0 100 .1zM18 7.5a2 2 0 100 .1zM8 16.5h7a4.5 4.5 0 000-9M15 7.5h-5",
    again: "M19 12a7 7 0 11-2.2-5.1M19 4.5V9h-4.5",
    plus: "M12 5v14M5 12h14",
    user: "M12 4.5a3.7 3.7 0 100 7.5 3.7 3.7 0 000-7.5zM4.8 19.5c.4-3.3 3.2-5.2 7.2-5.2s6.8 1.9 7.2 5.2",
    label: "M4.5 5h7.5l8 8-7 7-8.5-8.5zM8.5 9v.1",
    formats: "M4 19l5-13h1l5 13M6 14.5h7M15.5 12a3 3 0 014.5 2.5V19M20 15.5c-3 0-5 .5-5 2s3 2.5 5 .5",
    bold: "M8 5h5a3.2 3.2 0 010 6.5H8zM8 11.5h6a3.5 3.5 0 010 7H8z",
    italic: "M10 5h7M7 19h7M14 5l-4 14",
    underline: "M7 5v6a5 5 0 0010 0V5M6 19.5h12",
    bullets: "M9 7h11M9 12h11M9 17h11M4.5 7h.1M4.5 12h.1M4.5 17h.1",
    numbers: "M10 7h10M10 12h10M10 17h10M4 6l1.5-1v4M4 15h2.5L4 19h2.5",
    quote: "M5 6v12M9 8h10M9 12h10M9 16h7",
    link: "M10 14l4-4M11 7.5l1.5-1.5a4 4 0 015.5 5.5L16.5 13M13 16.5L11.5 18A4 4 0 016 12.5L7.5 11",
    unformat: "M6 6h12M11 6l-2 8M4 19h7M14 14l6 6M20 14l-6 6",
    print: "M7 9V4.5h10V9M5 9h14v7h-2.5M7.5 16H5V9M7.5 13.5h9v6h-9z",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
    return <svg class={filled ? "icon filled" : "icon"} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={SHAPES[name]} /></svg>;
}

/** A button that is a picture: its label is read aloud, and shown with its key when the pointer rests on it. */
export function IconButton({ icon, label, onClick, hint, pressed, filled, class: also = "", disabled }: {
    icon: IconName; label: string; onClick(event: MouseEvent): void; hint?: string | undefined; pressed?: boolean | undefined; filled?: boolean;
    class?: string; disabled?: boolean;
}) {
    return <button type="button" class={`icon-button ${also}`} aria-label={label} title={hint === undefined ? label : `${label} (${hint})`} aria-pressed={pressed}
        disabled={disabled} onClick={onClick}><Icon name={icon} filled={filled ?? false} /></button>;
}
