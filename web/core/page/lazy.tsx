// A part of the page that is loaded when it is first shown.
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
    let known: ComponentType<P> | undefined;
    return function Lazy(props: P & JSX.IntrinsicAttributes) {
        const [Part, setPart] = useState(() => known);
        useEffect(() => {
            if (Part === undefined) void load().then((part) => { known = part; setPart(() => part); });
        }, []);
        return Part === undefined ? null : <Part {...props} />;
    };
}
