// Hostile letters by kind. `E` is an address that nobody may ask, `X` a script that nobody may run.

export function hostileLetters(E) {
    const X = "top.hit=1;parent.hit=1;window.hit=1;alert(1)";
    const encoded = (text) => Buffer.from(text).toString("base64");
    return {
        "scripts in every place": `<script>${X}</script><SCRIPT SRC=${E}/1a></SCRIPT><img src=x onerror="${X}"><svg onload="${X}"><body onload="${X}" onpageshow="${X}">
            <details open ontoggle="${X}"><a href="java&#10;script:${X}" id=go>go</a><a href="&#1;javascript:${X}">go</a><a href=" JaVaScRiPt:${X}">go</a>
            <a href="data:text/html;base64,${encoded(`<script>${X}</script>`)}">go</a><iframe srcdoc="<script>${X}</script>"></iframe><iframe src="javascript:${X}"></iframe>
            <svg><use href="data:image/svg+xml;base64,${encoded(`<svg xmlns="http://www.w3.org/2000/svg" id="x"><script>${X}</script></svg>`)}#x"/></svg>
            <div><template shadowrootmode=open><script>${X}</script><img src=${E}/1b></template></div><object data="data:text/html,<script>${X}</script>"></object>
            <form action="javascript:${X}"><input autofocus onfocus="${X}"><button formaction="javascript:${X}">b</button></form><marquee onstart="${X}">m</marquee>
            <style onload="${X}">p{}</style><video onloadstart="${X}" src=${E}/1c></video><input type=image src=${E}/1d onerror="${X}">`,
        "mutation": `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=${E}/2a onerror=${X}&gt;">
            <svg></p><style><a id="</style><img src=${E}/2b onerror=${X}>"><noscript><p title="</noscript><img src=${E}/2c onerror=${X}>">
            <form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=${X} src=${E}/2d>">
            <template><style></template><img src=${E}/2e onerror=${X}></style><svg><title><![CDATA[</title><img src=${E}/2f onerror=${X}>]]></title></svg>
            <table><tr><td><table><a href=x><table><img src=${E}/2g onerror=${X}></table>`,
        "parser differences": `<!--><img src=${E}/3a onerror=${X}>--><!-- --!><img src=${E}/3b onerror=${X}><![CDATA[<img src=${E}/3c>]]><im\u0000g src=${E}/3d onerror=${X}>
            <img src="${E}/3e" title='unclosed" onerror=${X} <b>x</b><p ${Array.from({ length: 10_000 }, (_, at) => `a${at}=1`).join(" ")} onclick=${X}>many</p>
            <meta charset=utf-7>+ADw-script+AD4-${X}+ADw-/script+AD4-<plaintext><img src=${E}/3f onerror=${X}>`,
        "changed after cleaning": `<div class="row open" id="page" data-x="1" data-trusted=1><img src="cid:nobody"><img src="CID:%0Ajavascript:${X}"><img src="cid:../../session">
            <a href="#page">jump</a>&lt;img src=${E}/4a onerror=${X}&gt; needle &lt;mark&gt;<mark>needle</mark></div>`,
        "animation": `<svg><a><animate attributeName=href values="javascript:${X}" begin=0s onbegin="${X}" onrepeat="${X}"/><text>t</text></a>
            <image><set attributeName=href to="${E}/5a"/></image><animateTransform onbegin="${X}" attributeName=transform /><animate attributeName=style values="background:url(${E}/5b)"/></svg>`,
        "pictures by other names": `<image src=${E}/6a><input type=image src=${E}/6b><video poster=${E}/6c><source src=${E}/6d><track src=${E}/6e default></video><audio src=${E}/6f autoplay></audio>
            <body background=${E}/6g><table background=${E}/6h><tr><td background=${E}/6i>x</td></tr></table><img srcset="data:image/png;base64,aa,b 1x, ${E}/6j 2x"><object data=${E}/6k></object>
            <embed src=${E}/6l><img src=//${E.slice(7)}/6m><img src=${E}/6n><img src=" \n${E}/6o"><picture><source srcset=${E}/6p><img></picture><img lowsrc=${E}/6q dynsrc=${E}/6r>`,
        "SVG that fetches": `<svg width=9 height=9><filter id=f><feImage href="${E}/7a"/></filter><rect width=9 height=9 fill="url(${E}/7b#x)" filter="url(${E}/7c#x)" mask="u\\72l(${E}/7d)"
            style="marker:url(${E}/7e#m);cursor:url(${E}/7f),auto"/><use href="${E}/7g#x"/><image href="${E}/7h"/><style>rect{fill:\\75rl(${E}/7i#x)}</style></svg>`,
        "CSS that fetches": `<style>@import "${E}/8a"; @import url(${E}/8b); @font-face{font-family:f;src:url(${E}/8c)} @namespace x "${E}/8d";
            p{background:u\\72l(${E}/8e);background-image:image-set("${E}/8f" 1x);font-family:f;--u:url(${E}/8g);list-style:url(${E}/8h);cursor:url(${E}/8i),auto;border-image:url(${E}/8j) 1;
            content:url(${E}/8k);mask:url(${E}/8l);& b{background:url(${E}/8m)}} @media all{p{background:url('${E}/8n')}} @supports (a:b){p{background:url(${E}/8o)}}</style>
            <p style="background:var(--u);background-image:URL( ${E}/8p )">p <b style='background:url("${E}/8q")'>b</b></p><link rel=stylesheet href=${E}/8r><p style="background:url(&quot;${E}/8s&quot;)">`,
    };
}
