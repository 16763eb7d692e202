// Hostile letters whose danger is in their structure: header fields, attachments, parts. Each is a whole message, by kind.
import { BOB } from "./support.mjs";

const X = "top.hit=1;window.hit=1;alert(1)";
const MARKUP = `<img src=x onerror=${X}>"'><script>${X}</script>`;
const word = (text) => `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;
const base64 = (text) => Buffer.from(text).toString("base64").replaceAll(/.{76}/g, "$&\n");

function message(subject, fields, body, from = "Eve <eve@peer.test>") {
    return `From: ${from}\nTo: Bob <${BOB}>\nSubject: ${subject}\nDate: ${new Date().toUTCString().replace("GMT", "+0000")}\nMIME-Version: 1.0\n${fields}\n\n${body}\n`;
}

function parts(subject, list, more = "") {
    return message(subject, `${more}Content-Type: multipart/mixed; boundary="c u't"`, `${list.map((part) => `--c u't\n${part}\n`).join("")}--c u't--`);
}

const text = "Content-Type: text/plain; charset=utf-8\n\nThe text.";
const markup = (of) => `Content-Type: text/html; charset=utf-8\n\n${of}`;
const file = (type, content, disposition = "attachment") => `Content-Type: ${type}\nContent-Disposition: ${disposition}\nContent-Transfer-Encoding: base64\n\n${base64(content)}`;

export function hostileMessages(E) {
    const page = `<html><body onload="${X}"><script>${X}</script><img src=${E}/17a></body></html>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="${X}"><script>${X}</script><image href="${E}/17b"/></svg>`;
    return {
        "text and its cousins": [
            message("cousins", "Content-Type: text/plain; charset=utf-8", `${MARKUP}\nhttps://a.test/"onmouseover="${X}\n<javascript:${X}> [x](javascript:${X}) ![x](${E}/15a)\nmailto:a@b.test?subject="><script>${X}</script>\n> ${MARKUP}\n<https://a.test/<script>${X}</script>>\nHTTP://A.test/\u202e/gpj.exe\n-- \n${MARKUP}`),
            parts("cousins", [`Content-Type: text/enriched\n\n<x-html>${MARKUP}</x-html><param>${E}/15b</param>`, `Content-Type: text/richtext\n\n${MARKUP}`, `Content-Type: text/markdown\n\n![p](${E}/15c) ${MARKUP}`,
                `Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261127T120000Z\nSUMMARY:${MARKUP}\nLOCATION:${MARKUP}\nDESCRIPTION:${MARKUP}\nX-ALT-DESC;FMTTYPE=text/html:${MARKUP}\nORGANIZER;CN="${X}":javascript:${X}\nURL:javascript:${X}\nATTACH:${E}/15d\nRRULE:FREQ=SECONDLY;COUNT=999999999\nEND:VEVENT\nEND:VCALENDAR`,
                `Content-Type: text/vcard\n\nBEGIN:VCARD\nFN:${MARKUP}\nPHOTO:${E}/15e\nEND:VCARD`, file("application/ms-tnef; name=winmail.dat", "\x78\x9f\x3e\x22\x00\x00\x01"), file("text/rtf", `{\\rtf1 {\\field{\\*\\fldinst INCLUDEPICTURE ${E}/15f}}}`)]),
        ],
        "headers shown as text": [
            message(word(`${MARKUP}\u202egpj.exe\r\nBcc: x@y.test\u0000\u0007 headers`), `From-2: x\nReply-To: ${word(MARKUP)} <reply@peer.test>\nCc: ${word("\u202e" + MARKUP)} <cc@peer.test>\nMessage-ID: <${MARKUP.replaceAll(/[<>\s"]/g, "")}@x>\nContent-Type: text/plain`, "text",
                `${word(MARKUP + "\u202e\u2066")} <eve@peer.test>`),
            parts("headers", [text, file(`image/png; name="${word(MARKUP)}"`, "x", `attachment; filename*=utf-8''%3Cimg%20src%3Dx%20onerror%3D%22${encodeURIComponent(X)}%22%3E%E2%80%AEgpj.exe`),
                `Content-Type: application/"><script>${X}</script>; name=x\nContent-ID: <"><script>${X}</script>>\n\nx`, `Content-Type: text/x-<img/src=x/onerror=${X}>\nContent-Description: ${MARKUP}\n\nx`],
                `List-Id: ${MARKUP} <l.test>\nList-Unsubscribe: <javascript:${X}>, <data:text/html,${X}>, <file:///etc/passwd>, <http://127.0.0.1/22q>, <https://[::1]/22r>, <nonsense>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\nList-Post: <mailto:a@b.test?bcc=c@d.test>\nOrganization: ${MARKUP}\nX-Mailer: ${MARKUP}\n`),
        ],
        "attachments opened": [
            parts("attachments", [text, file("text/html; name=page.html", page), file("application/xhtml+xml; name=page.xhtml", page), file("image/svg+xml; name=picture.svg", svg), file("text/xml; name=x.xml", `<?xml-stylesheet href="${E}/17c"?>${svg}`),
                file("application/pdf; name=x.pdf", `%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj`), file("image/png; name=not.png", page), file("image/gif; name=x.gif", `GIF89a/*${page}*/`), file("text/javascript; name=x.js", X)]),
            parts("attachments", [text, file('application/octet-stream; name="../../etc/passwd"', "x"), file("*/*", "x"), file(`image/png; name="${"n".repeat(300)}.png"`, "x"), file('application/x-msdownload; name="=?iso-2022-jp?B?GyRCRnxLXDg?="', "x"),
                file("application/octet-stream; name=con", "x", 'inline; filename="..\\\\..\\\\x:y?.exe"'), file("text/html", page, "inline"), file("application/zip; name=.htaccess", "x")]),
        ],
        "parts joined": [
            parts("joined", [markup(`<b><style>p{background:url(${E}/19a)`), markup(`}</style><img src="${E}/19b`), markup(`" onerror="${X}"><!--`), markup(`--><script>`), markup(`${X}</script><div class=`), text, markup(`><p>last</p>`)]),
            parts("joined", [markup("<p class=mine>mine</p>"), `Content-Type: message/rfc822\n\n${message("inner", "Content-Type: text/html", `<style>.mine,.paper,body{display:none;background:url(${E}/19c)}</style><p>inner</p>`)}`,
                `Content-Type: text/css\n\n.paper{background:url(${E}/19d)}`, `Content-Type: multipart/alternative; boundary=in\n\n--in\n${text}\n--in\n${markup(`<style>p{color:red}</style>`)}\n--in--`]),
        ],
    };
}

/** What is meant to take all time and memory, in its parts. */
export function exhaustingMessages() {
    return [
        message("exhaustion", `Cc: ${Array.from({ length: 3_000 }, (_, at) => `a${at}@peer.test`).join(",\n ")}\nContent-Type: text/plain`, `${">".repeat(500)} q\n`.repeat(2_000) + "https://a.test/ ".repeat(20_000)),
        parts("exhaustion", ["Content-Type: message/rfc822\n\n".repeat(400) + text]),
        parts("exhaustion", [text, ...Array.from({ length: 600 }, (_, at) => file(`image/gif; name=${at}.gif`, "GIF89a\xff\xff\xff\xff"))]),
        message("exhaustion", "Content-Type: multipart/related; boundary=r", `--r\n${markup(`${"<img src=cid:a>".repeat(3_000)}<img src=cid:b>`)}\n--r\n${file("image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"><image href="cid:b"/></svg>`, "inline\nContent-ID: <a>")}\n--r\n${file("text/html", "<img src=cid:a>", "inline\nContent-ID: <b>")}\n--r--`),
        message(word("long ".repeat(12)) + `\n ${"s".repeat(900)}`.repeat(60), "Content-Type: text/plain; charset=utf-16", "x".repeat(100)),
        ];
}
