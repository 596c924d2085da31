/** The report's styles: light and dark, wide and narrow, and print. */
export const reportCss = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2126;--dim:#5d6772;--line:#d9dee4;--soft:#f5f7f9;--good:#1a7f4b;--bad:#c62828;--bad-soft:#fdf0ef;--warn:#9a6100;--warn-soft:#fdf6e7}
@media(prefers-color-scheme:dark){:root{--paper:#14181c;--ink:#e6eaee;--dim:#98a3ae;--line:#303841;--soft:#1c2228;--good:#4cc38a;--bad:#ff7b72;--bad-soft:#2c1a1b;--warn:#e3b341;--warn-soft:#2a2416}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:58rem;margin:0 auto;padding:2rem 1.25rem 4rem}
.state{display:inline-flex;align-items:center;gap:.5em;font-size:.85rem;font-weight:600}
.state::before{content:"";width:.7em;height:.7em;border-radius:50%;background:currentColor}
.healthy{color:var(--good)}.unhealthy{color:var(--bad)}.state.unknown{color:var(--warn)}
h1{font-size:1.55rem;line-height:1.3;margin:.35rem 0 .4rem;text-wrap:balance;overflow-wrap:anywhere}
h2{font-size:1.05rem;margin:2.4rem 0 .7rem}
p{margin:.3rem 0}
.dim,.when{color:var(--dim)}.when{font-size:.9rem}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em;overflow-wrap:anywhere}
.chain{display:block;width:100%;height:auto;margin:1.6rem 0 .4rem}
.chain.down{display:none;max-width:23rem;margin-inline:auto}
.chain rect{fill:var(--soft);stroke:var(--line);stroke-width:1.5}
.chain text{font:500 13px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--ink)}
.chain .code{font:600 11.5px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--bad)}
.chain .sign circle{fill:var(--good)}
.chain .sign path{fill:none;stroke:var(--paper);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.chain .line{fill:none;stroke:var(--good);stroke-width:2}
.chain .fail rect{fill:var(--bad-soft);stroke:var(--bad);stroke-width:2}
.chain .fail .sign circle{fill:var(--bad)}.chain .line.fail{stroke:var(--bad);stroke-dasharray:5 4}
.chain .warn rect{stroke:var(--warn)}.chain .warn .sign circle{fill:var(--warn)}.chain .line.warn{stroke:var(--good)}
.chain .skip .sign circle,.chain .unknown .sign circle{fill:var(--dim)}
.chain .skip text,.chain .unknown text{fill:var(--dim)}.chain .skip rect,.chain .unknown rect{stroke-dasharray:4 4}
.chain .line.skip,.chain .line.unknown{stroke:var(--line)}
.finding{border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:.5rem;padding:.85rem 1rem;margin:.8rem 0;background:var(--bad-soft)}
.finding.warn,.finding.open{border-left-color:var(--warn);background:var(--warn-soft)}
.finding h3{font-size:1rem;margin:0 0 .5rem;font-weight:600}
.finding h3 code{color:var(--bad);margin-right:.5em}.finding.warn h3 code,.finding.open h3 code{color:var(--warn)}
.compare{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;margin:.5rem 0}
.compare dt,.compare dd{margin:0}.compare dt{color:var(--dim)}
mark{background:none;color:var(--bad);font-weight:700;text-decoration:underline;text-underline-offset:.2em}
pre span{white-space:nowrap}
.finding .dim{font-size:.88rem;margin-top:.6rem}
pre{margin:.2rem 0 0;padding:.6rem .75rem;background:var(--paper);border:1px solid var(--line);border-radius:.4rem;white-space:pre-wrap}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.36rem .8rem .36rem 0;border-bottom:1px solid var(--line)}
th{font-weight:500;color:var(--dim)}tbody th{white-space:nowrap;width:1%}
td.pass{color:var(--good)}td.fail{color:var(--bad);font-weight:600}td.warn,td.open{color:var(--warn)}td.skip{color:var(--dim)}
p.name{margin:1rem 0 .2rem;font-weight:600}
td.key{white-space:nowrap}
details{margin-top:2.4rem}summary{cursor:pointer;font-size:1.05rem;font-weight:600}
@media(max-width:40rem){main{padding:1.25rem 1rem 3rem}h1{font-size:1.3rem}.chain.across{display:none}.chain.down{display:block}
.checks tr{display:block}.rows tr{display:flex;flex-wrap:wrap;gap:0 .7rem}.rows tr,.checks tr{padding:.4rem 0;border-bottom:1px solid var(--line)}.rows th,.rows td,.checks td{display:block;border:0;padding:.05rem 0;width:auto;white-space:normal}
.checks.sentences tr{display:grid;grid-template-columns:auto 1fr;gap:0 .7rem}.sentences .what,.sentences .more{grid-column:1/-1}.sentences .what{order:2}.sentences .more{order:3}
.checks thead{display:none}.checks td:empty{display:none}}
@media print{main{max-width:none;padding:0}details>*{display:block}}
`
