"""The style sheet of the HTML page; the variables also colour the figures."""

CSS = """\
:root { color-scheme: light dark; --page: #ffffff; --card: #f5f6f8; --ink: #1d2126; --soft: #59616b;
  --grid: #d4d8dd; --torch: #f2a65a; --jax: #12489b; --apart: #b0203a; --good: #19703a; --mild: #fff3d6;
  --hit: #fdecef; --link: #12489b; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15181c; --card: #1f2429; --ink: #e6e9ed; --soft: #a2abb5; --grid: #3a424a; --torch: #a8652a;
    --jax: #9fc6ff; --apart: #ff8095; --good: #6fd394; --mild: #44391b; --hit: #3b2129; --link: #9fc6ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.2rem 4rem; max-width: 72rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1.verdict { font-size: 1.45rem; line-height: 1.35; margin: 0; padding: .8rem 1rem; background: var(--card);
  border-left: .4rem solid var(--apart); border-radius: .3rem; }
h1.equal { border-left-color: var(--good); }
.question, figcaption, .label { color: var(--soft); margin: .4rem 0; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
h3:target { background: var(--mild); }
p { margin: .5rem 0; max-width: 50rem; }
a { color: var(--link); }
code, pre { font: .88em/1.45 ui-monospace, monospace; }
pre { background: var(--card); padding: .7rem .9rem; border-radius: .3rem; overflow-x: auto; overflow-wrap: normal; }
.causes > li { margin: 0 0 1.4rem; }
.share { display: inline-block; min-width: 3.5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: .4rem 0; }
dt { color: var(--soft); }
dd { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--grid); }
thead th { color: var(--soft); font-weight: normal; }
tbody th { font-weight: 600; }
tr.differs { background: var(--hit); }
.mark { color: var(--apart); font-weight: 700; }
.default { background: var(--mild); border-radius: .2rem; padding: 0 .35rem; font-size: .8em; white-space: nowrap; }
figure { margin: 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
figure svg * { stroke-linejoin: round; stroke-linecap: butt; }
figure svg image { image-rendering: pixelated; }
"""
