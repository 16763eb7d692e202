// The list: as many rows as are in view, whatever its length.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { AccountMail } from "../model/account_mail.js";
import { ROW_HEIGHT, type MessageList } from "../model/message_list.js";
import { words } from "../words/language.js";
import type { Commands } from "./commands.js";
import { Icon, IconButton } from "../../core/page/icons.js";
import { ListBar } from "./list_bar.js";
import { ListRow } from "./list_row.js";
import { SearchBox } from "./search/search_box.js";
import { go, route } from "./router.js";

export function ListView({ mail, commands, openDrawer }: { mail: AccountMail; commands: Commands; openDrawer(): void }) {
    const list = mail.list.value;
    const w = words.value;
    const { search } = route.value;
    const mailbox = list?.query.mailbox === undefined ? undefined : mail.mailboxes.value.get(list.query.mailbox);
    const title = search !== undefined ? w.found : w.folder(mailbox);
    return <main class="list" aria-label={title}>
        <div class="list-head">
            <IconButton icon="menu" label={w.folders} class="drawer-button" onClick={openDrawer} />
            <SearchBox mail={mail} />
        </div>
        {list !== undefined && <ListBar mail={mail} commands={commands} list={list} title={title} />}
        {list !== undefined && <Rows key={JSON.stringify(list.query)} mail={mail} commands={commands} list={list} />}
        {mail.account.canSend && <button type="button" class="fab" aria-label={w.write} onClick={() => go({ ...route.peek(), compose: "new" })}><Icon name="write" /></button>}
    </main>;
}

function Rows({ mail, commands, list }: { mail: AccountMail; commands: Commands; list: MessageList }) {
    const w = words.value;
    const element = useRef<HTMLDivElement>(null);
    const settle = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
    void list.changed.value;
    const { scroller, rows } = list;

    useLayoutEffect(() => {
        const observer = new ResizeObserver(() => {
            scroller.resizeView(element.current!.clientHeight);
            list.touch();
            void mail.trying(() => list.need());
        });
        observer.observe(element.current!);
        return () => {
            observer.disconnect();
            clearTimeout(settle.current);
        };
    }, []);
    useLayoutEffect(() => {
        if (Math.abs(element.current!.scrollTop - scroller.scrollTop) >= 1) element.current!.scrollTop = scroller.scrollTop;
    });

    const scrolled = () => {
        scroller.scrolled(element.current!.scrollTop);
        list.touch();
        void mail.trying(() => list.need());
        clearTimeout(settle.current);
        settle.current = setTimeout(() => { scroller.settle(); list.touch(); }, 200);
    };
    const { first, count, offset } = scroller.window(6);
    const state = list.state.value;
    const said = state === "failed" ? w.failed : state === "known" && rows.total === 0 ? (route.value.search !== undefined ? w.nothingFound : w.empty) : undefined;
    return <div class="rows" ref={element} onScroll={scrolled} tabIndex={-1}>
        {said !== undefined && <p class="nothing">{said}</p>}
        <ul class="space" style={{ height: `${scroller.height}px` }}>
            {Array.from({ length: count }, (_, index) => {
                const id = rows.at(first + index);
                return <ListRow key={id ?? `?${first + index}`} mail={mail} commands={commands} list={list} id={id} position={first + index}
                    top={offset + index * ROW_HEIGHT} />;
            })}
        </ul>
    </div>;
}
