// What was found, with the words that were looked for (RFC 8621 §5): a text that is escaped but for `mark`, as pieces to show.

export interface Marked {
    readonly text: string;
    readonly mark: boolean;
}

const ENTITIES: { readonly [entity: string]: string } = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&#39;": "'" };

export function marked(snippet: string): Marked[] {
    const found: Marked[] = [];
    let mark = false;
    for (const piece of snippet.split(/(<\/?mark>)/)) {
        if (piece === "<mark>" || piece === "</mark>") mark = piece === "<mark>";
        else if (piece !== "") found.push({ text: piece.replaceAll(/&(?:lt|gt|amp|quot|#39);/g, (entity) => ENTITIES[entity]!), mark });
    }
    return found;
}
